// Suite `inference`: images a second from pixels to scores, batch 1 and 32. In floats, and in bf16 too,
// against libtorch and ONNX Runtime in floats and the chip's own multiply-add peak; in integers against ONNX
// Runtime.
#include <algorithm>

#include "base/text_table.h"
#include "bench/inference/contestant.h"
#include "bench/worker.h"
#include "ir/cost.h"
#include "quant/fixture.h"

namespace dsode::bench {

namespace {

constexpr int kWarmUp = 3;
constexpr const char *kOurs = "ours", *kLibtorch = "libtorch", *kPlain = "libtorch-plain",
                     *kOnnx = "onnxruntime", *kPeak = "peak";

// In a worker process: milliseconds an image, median over the timed batches; of the peak, if the model ran at
// it.
Json work(const Options& options) {
  const ir::ModelSpec spec = options.spec();
  const int batch = options.batch_or(1);
  if (options.worker == kPeak) {
    return {{"ms_per_image",
             1000 * static_cast<double>(ir::cost(spec).macs) / peak_macs_per_second(options.threads)}};
  }
  if (options.worker == kOnnx)
    return {{"ms_per_image",
             onnxruntime_ms(spec, options.precision, batch, options.threads, options.repeats) / batch}};
  const auto runner = options.worker == kOurs       ? make_ours(spec, options.precision, options.threads)
                      : options.worker == kLibtorch ? make_libtorch(spec, options.threads)
                                                    : make_libtorch_plain_runner(spec, options.threads);
  const data::Images images = quant::random_images(spec.input, batch);
  return {
      {"ms_per_image", median_milliseconds(kWarmUp, options.repeats, [&] { runner->run(images); }) / batch}};
}

// One batch size and number of threads: our figure beside each rival's, in rows and results.
void compare(const Options& options, int batch, int threads, const std::vector<std::string>& names,
             std::vector<std::vector<std::string>>& table, std::vector<Result>& results) {
  std::vector<Options> contestants(names.size(), options);
  for (size_t i = 0; i < names.size(); ++i) {
    contestants[i].worker = names[i];
    contestants[i].batch_size = batch;
    contestants[i].threads = threads;
  }
  const auto figures = run_rounds(contestants, options.rounds);
  const auto ours = column(figures[0], "ms_per_image");
  for (size_t i = 0; i < names.size(); ++i) {
    const auto ms = column(figures[i], "ms_per_image");
    std::vector<double> ratios;
    for (size_t r = 0; r < ms.size(); ++r) ratios.push_back(ms[r] / ours[r]);
    const auto [least, most] = std::ranges::minmax(ratios);
    const bool rival = i > 0;
    table.push_back({names[i], std::to_string(batch), std::to_string(threads),
                     fmt::format("{:.3f}", median(ms)), rival ? fmt::format("{:.2f}", median(ratios)) : "",
                     rival ? fmt::format("{:.2f} to {:.2f}", least, most) : ""});
    if (rival)
      results.push_back({.name = case_name(options, batch),
                         .threads = threads,
                         .metric = "images_per_second",
                         .value = 1000 / median(ours),
                         .rival = names[i],
                         .ratio = median(ratios),
                         .more = {{"rival_value", 1000 / median(ms)}}});
  }
}

std::vector<Result> run_inference(const Options& options) {
  const bool floats = options.precision != "int8";
  std::vector<std::string> names{kOurs};
  if (floats) names.insert(names.end(), {kLibtorch, kPlain});
  if (const std::string module = lacks_onnxruntime(options.precision); module.empty())
    names.emplace_back(kOnnx);
  else
    fmt::print("ONNX Runtime is left out: python3 has no module {0} (pip install {0})\n\n", module);
  if (floats) names.emplace_back(kPeak);
  std::vector<std::vector<std::string>> table{
      {"inference", "batch", "threads", "ms/image", "ours is better, times", "over rounds"}};
  std::vector<Result> results;
  for (const int threads : thread_counts(options.threads))
    for (const int batch : options.batch_size ? std::vector{*options.batch_size} : std::vector{1, 32})
      compare(options, batch, threads, names, table, results);
  fmt::print(
      "{} in {}, pixels to scores: {} rounds of a process each, in turn; {} timed batches a process\n\n{}",
      options.model, options.precision, options.rounds, options.repeats, text_table(table));
  return results;
}

}  // namespace

Suite inference_suite() {
  return {.name = "inference",
          .run = run_inference,
          .workers = {kOurs, kLibtorch, kPlain, kOnnx, kPeak},
          .work = work,
          .least_batch = 1,
          .precisions = {"fp32", "bf16", "int8"}};
}

}  // namespace dsode::bench
