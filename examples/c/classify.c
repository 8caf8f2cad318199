/* Says what a picture shows: classify MODEL PICTURE.{pgm,ppm} [threads]
 *
 * MODEL is a .safetensors file or a folder of `dsodenet train`, `adapt` or `quantize`; PICTURE a binary PGM (grey) or
 * PPM (RGB) of the model's size with 8 bits a sample. */
#include <dsode/runtime.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const char* what) {
  fprintf(stderr, "classify: %s\n", what);
  return 1;
}

/* The pixels of a binary PGM or PPM of this size, or NULL. */
static unsigned char* read_picture(const char* path, const dsode_info* info) {
  unsigned char* pixels = NULL;
  int height, width, most;
  const size_t count = (size_t)info->height * info->width * info->channels;
  FILE* file = fopen(path, "rb");
  if (file == NULL) return NULL;
  if (fscanf(file, info->channels == 1 ? "P5 %d %d %d" : "P6 %d %d %d", &width, &height, &most) == 3 &&
      width == info->width && height == info->height && most == 255 && fgetc(file) != EOF)
    pixels = malloc(count);
  if (pixels != NULL && fread(pixels, 1, count, file) != count) {
    free(pixels);
    pixels = NULL;
  }
  fclose(file);
  return pixels;
}

static void print_best(const dsode_info* info, const float* scores) {
  double sum = 0;
  int best = 0;
  for (int k = 1; k < info->classes; ++k)
    if (scores[k] > scores[best]) best = k;
  for (int k = 0; k < info->classes; ++k) sum += exp(scores[k] - scores[best]);
  printf("%s %.3f\n", info->class_names[best], 1 / sum);
}

int main(int argc, char** argv) {
  dsode_options options = {sizeof options, DSODE_AUTO, 1};
  dsode_model* model;
  if (argc < 3) return fail("name a model and a picture");
  if (argc > 3) options.threads = atoi(argv[3]);
  if (dsode_load(argv[1], &options, &model) != DSODE_OK) return fail(dsode_error());

  const dsode_info* info = dsode_get_info(model);
  const size_t pixel_count = (size_t)info->height * info->width * info->channels;
  unsigned char* pixels = read_picture(argv[2], info);
  float* scores = malloc(sizeof(float) * (size_t)info->classes);
  int status = 0;
  fprintf(stderr, "%s on %s, %d thread(s)\n", info->name, info->engine, info->threads);
  if (pixels == NULL || scores == NULL) {
    fprintf(stderr, "classify: %s: not a binary picture of %dx%d, %s\n", argv[2], info->width, info->height,
            info->channels == 1 ? "grey (P5)" : "RGB (P6)");
    status = 1;
  } else if (dsode_run_u8(model, 1, pixels, pixel_count, scores, (size_t)info->classes) != DSODE_OK) {
    status = fail(dsode_error());
  } else {
    print_best(info, scores);
  }
  free(scores);
  free(pixels);
  dsode_free(model);
  return status;
}
