#include "run/dsode/runtime.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "base/error.h"
#include "run/session.h"

// By dsode_precision.
constexpr std::string_view kPrecisions[] = {"auto", "fp32", "int8", "bf16"};

struct dsode_model {
  dsode_model(const dsode::ir::SafeTensors& file, const dsode::run::SessionOptions& options)
      : session(file, options), name(session.spec().name()) {
    const auto& spec = session.spec();
    for (const std::string& each : spec.classes) class_names.push_back(each.c_str());
    info = {.name = name.c_str(),
            .height = spec.input.h,
            .width = spec.input.w,
            .channels = spec.input.c,
            .classes = spec.classes_count(),
            .class_names = class_names.data(),
            .precision = static_cast<dsode_precision>(std::ranges::find(kPrecisions, session.precision()) -
                                                      std::begin(kPrecisions)),
            .engine = session.engine().c_str(),
            .not_covered = session.uncovered().c_str(),
            .threads = session.threads()};
  }

  std::mutex one_at_a_time;
  dsode::run::Session session;
  std::string name;
  std::vector<const char*> class_names;
  dsode_info info;
};

namespace {

using namespace dsode;  // NOLINT(google-build-using-namespace)

constexpr int kMaxThreads = 1024;

thread_local char last_error[1024];  // no allocation: it may be of memory that it tells

dsode_status fail(dsode_status status, std::string_view what, std::string_view hint = "") noexcept {
  const size_t room = sizeof last_error - 1;
  *(hint.empty() ? fmt::format_to_n(last_error, room, "{}", what)
                 : fmt::format_to_n(last_error, room, "{} ({})", what, hint))
       .out = '\0';
  return status;
}

// Nothing that is thrown leaves the library.
template <class Work>
dsode_status guarded(const Work& work) noexcept {
  try {
    work();
    return DSODE_OK;
  } catch (const Error& error) {
    return fail(error.code() == Code::kUsage ? DSODE_BAD_INPUT : DSODE_FAILED, error.what(), error.hint());
  } catch (const std::bad_alloc&) {
    return fail(DSODE_FAILED, "out of memory");
  } catch (const std::exception& error) {
    return fail(DSODE_FAILED, error.what());
  } catch (...) {
    return fail(DSODE_FAILED, "unknown error");
  }
}

void require(bool given, const char* argument) {
  if (!given) throw bad_input(fmt::format("{} is NULL", argument), "pass the address of one");
}

run::SessionOptions options_of(const dsode_options* options) {
  if (!options) return {};
  if (options->size != sizeof(dsode_options))
    throw bad_input(
        fmt::format("options: size is {}", options->size),
        fmt::format("this library's is {}: set it to sizeof(dsode_options)", sizeof(dsode_options)));
  if (options->threads < 0 || options->threads > kMaxThreads)
    throw bad_input(fmt::format("options: threads is {}", options->threads),
                    fmt::format("give 1 to {}, or 0 for one a core", kMaxThreads));
  const auto precision = static_cast<int>(options->precision);
  if (precision < DSODE_AUTO || precision > DSODE_BF16)
    throw bad_input(fmt::format("options: precision is {}", precision),
                    "give DSODE_AUTO, DSODE_FP32, DSODE_BF16 or DSODE_INT8");
  return {.precision = std::string(kPrecisions[precision]), .threads = options->threads};
}

template <class Read>
dsode_status load(const dsode_options* options, dsode_model** model, const Read& read) noexcept {
  if (model) *model = nullptr;
  return guarded([&] {
    require(model, "model");
    *model = new dsode_model(read(), options_of(options));
  });
}

template <class Pixel>
dsode_status run_images(dsode_model* model, int images, const Pixel* pixels, size_t pixel_count,
                        float* scores, size_t score_count) noexcept {
  return guarded([&] {
    require(model, "model");
    if (images < 0) throw bad_input(fmt::format("images is {}", images), "give 0 or more");
    const dsode_info& info = model->info;
    const auto n = static_cast<size_t>(images);
    const size_t image = model->session.spec().input.size();
    if (pixel_count != n * image)
      throw bad_input(
          fmt::format("pixel_count is {}", pixel_count),
          fmt::format("{} images of {}x{}x{} have {}", n, info.height, info.width, info.channels, n * image));
    if (score_count != n * static_cast<size_t>(info.classes))
      throw bad_input(fmt::format("score_count is {}", score_count),
                      fmt::format("{} images of {} classes have {}", n, info.classes,
                                  n * static_cast<size_t>(info.classes)));
    if (images == 0) return;
    require(pixels, "pixels");
    require(scores, "scores");
    if constexpr (std::is_floating_point_v<Pixel>)
      for (size_t i = 0; i < pixel_count; ++i)
        if (!std::isfinite(pixels[i]))
          throw bad_input(fmt::format("pixels: {} at index {} of image {}", pixels[i], i % image, i / image),
                          "give finite numbers on the scale of 0 to 255");
    const std::lock_guard lock(model->one_at_a_time);
    model->session.run(std::span(pixels, pixel_count), std::span(scores, score_count));
  });
}

}  // namespace

extern "C" {

const char* dsode_version(void) { return DSODE_VERSION; }

const char* dsode_error(void) { return last_error; }

dsode_status dsode_load(const char* path, const dsode_options* options, dsode_model** model) {
  return load(options, model, [&] {
    require(path, "path");
    return run::load_artifact(path);
  });
}

dsode_status dsode_load_memory(const void* bytes, size_t size, const dsode_options* options,
                               dsode_model** model) {
  return load(options, model, [&] {
    require(bytes, "bytes");
    return ir::parse_safetensors({static_cast<const uint8_t*>(bytes), size}, "the model");
  });
}

void dsode_free(dsode_model* model) { delete model; }

const dsode_info* dsode_get_info(const dsode_model* model) { return model ? &model->info : nullptr; }

dsode_status dsode_run_u8(dsode_model* model, int images, const uint8_t* pixels, size_t pixel_count,
                          float* scores, size_t score_count) {
  return run_images(model, images, pixels, pixel_count, scores, score_count);
}

dsode_status dsode_run_f32(dsode_model* model, int images, const float* pixels, size_t pixel_count,
                           float* scores, size_t score_count) {
  return run_images(model, images, pixels, pixel_count, scores, score_count);
}

}  // extern "C"
