/* Runs a dsODENet in any program: pixels in, scores out. Plain C; link with libdsode.
 *
 *   dsode_model* model;
 *   if (dsode_load("runs/usps-int", NULL, &model) != DSODE_OK) return fail(dsode_error());
 *   const dsode_info* info = dsode_get_info(model);
 *   ... info->height x info->width x info->channels pixels, info->classes scores
 *   dsode_run_u8(model, 1, pixels, pixel_count, scores, score_count);
 *   dsode_free(model);
 *
 * A model may be used by any thread, one at a time: calls for the same model wait for each other, calls for
 * different ones do not. What a file holds is checked when it is loaded: it may come from anywhere. */
#ifndef DSODE_RUNTIME_H
#define DSODE_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DSODE_API __attribute__((visibility("default")))
#else
#define DSODE_API
#endif

typedef enum dsode_status {
  DSODE_OK = 0,
  DSODE_FAILED = 1,   /* no memory, no threads */
  DSODE_BAD_INPUT = 2 /* a file or an argument is not what it should be */
} dsode_status;

typedef enum dsode_precision {
  DSODE_AUTO = 0, /* the file's own */
  DSODE_FP32 = 1, /* a checkpoint of `dsodenet train` or `adapt`, or a graph of `export --format ir` */
  DSODE_INT8 = 2, /* a model of `dsodenet quantize` */
  DSODE_BF16 = 3  /* as DSODE_FP32, run with the operands of pointwise products rounded to bfloat16 */
} dsode_precision;

/* Later versions may append fields: `size` says which the caller knows. */
typedef struct dsode_options {
  size_t size;               /* sizeof(dsode_options) */
  dsode_precision precision; /* what the model must be, how it runs */
  int threads;               /* 0: one a core; the result is the same for any number */
} dsode_options;

typedef struct dsode_model dsode_model;

/* What a model expects and gives. Lives as long as the model; later versions may append fields. */
typedef struct dsode_info {
  const char* name;               /* "dsodenet-t" */
  int height, width, channels;    /* of an image, [height][width][channels]: 1 grey, 3 RGB */
  int classes;                    /* scores of an image */
  const char* const* class_names; /* [classes], UTF-8 */
  dsode_precision precision;      /* in which it runs: DSODE_BF16 where asked for and kernels have it */
  const char* engine;             /* "amx", "avx512", "avx2", "neon", ...: the kernels; or "interpreter" */
  const char* not_covered;        /* why the interpreter runs it, "" where kernels do */
  int threads;
} dsode_info;

/* "0.1.0" */
DSODE_API const char* dsode_version(void);

/* What went wrong in the last call of this thread that did not return DSODE_OK, and the remedy: one line that
 * names the file or the argument. Valid until this thread's next such call. */
DSODE_API const char* dsode_error(void);

/* A .safetensors file, or a folder of `dsodenet train`, `adapt` or `quantize`. `options` may be NULL. On
 * failure *model is NULL. */
DSODE_API dsode_status dsode_load(const char* path, const dsode_options* options, dsode_model** model);
/* The bytes of such a file, which are not needed afterwards. */
DSODE_API dsode_status dsode_load_memory(const void* bytes, size_t size, const dsode_options* options,
                                         dsode_model** model);
/* NULL is allowed. */
DSODE_API void dsode_free(dsode_model* model);

DSODE_API const dsode_info* dsode_get_info(const dsode_model* model);

/* The scores (logits) of `images` images: their softmax are probabilities; those of an integer model are
 * counted from the largest, which is 0.
 *
 * `pixels`: [images][height][width][channels], as an image file has them: the model knows mean, deviation and
 * scale. `pixel_count` must be images * height * width * channels, `score_count` images * classes. Floats are
 * pixels too, on the same scale of 0 to 255, between whole numbers and beyond the ends if need be; they must
 * be finite. An integer model rounds them.
 *
 * Where kernels run the model, nothing is allocated. */
DSODE_API dsode_status dsode_run_u8(dsode_model* model, int images, const uint8_t* pixels, size_t pixel_count,
                                    float* scores, size_t score_count);
DSODE_API dsode_status dsode_run_f32(dsode_model* model, int images, const float* pixels, size_t pixel_count,
                                     float* scores, size_t score_count);

#ifdef __cplusplus
}
#endif

#endif
