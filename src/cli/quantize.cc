// dsodenet quantize: the integer model of a trained one.
#include "quant/quantize.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "base/error.h"
#include "base/file.h"
#include "base/text_table.h"
#include "cli/engines.h"
#include "cli/inputs.h"
#include "cli/verbs.h"
#include "data/spec.h"
#include "data/subset.h"
#include "eval/metrics.h"
#include "ir/checkpoint_graph.h"
#include "quant/bias_correction.h"
#include "quant/calibrate.h"
#include "quant/golden.h"
#include "quant/sensitivity.h"
#include "quant/unit.h"
#ifdef DSODE_WITH_TORCH
#include "adapt/fine_tune.h"
#include "cli/training_inputs.h"
#endif

namespace dsode::cli {

namespace {

namespace fs = std::filesystem;

class Quantize : public Verb {
 public:
  std::string name() const override { return "quantize"; }
  std::string help() const override { return "the integer model of a trained or adapted one"; }
  void declare(OptionSet& options) override {
    options.add("checkpoint", checkpoint_, "run folder, checkpoint or graph file");
    options.add("data", data_, "images to calibrate with, labels are not read");
    options.add("images", images_, "use the first images only, 0 for all");
    options.add("ranges", calibration_.ranges, "how ranges are chosen", {"mse", "percentile"});
    options.add("percentile", calibration_.percentile,
                "share of magnitudes within the range, for percentile");
    options.add("weight_bits", bits_.weight, "bits of a weight, 4 to 8");
    options.add("act_bits", bits_.activation, "bits of an activation, 4 to 8");
    options.add("state_bits", bits_.state, "bits of the ODE state, 8 to 16");
    options.add("bias_correction", bias_correction_, "give back what quantisation takes from means");
    options.add("sensitivity_images", sensitivity_images_, "images for the table of layers, 0 for no table");
    options.add("eval_data", eval_data_, "labelled set to judge with");
    options.add("eval_limit", eval_limit_, "use the first images of it only, 0 for all");
#ifdef DSODE_WITH_TORCH
    options.add("qat", qat_, "fine-tune for the rounding: the float model teaches, on --data or --source");
    options.add("source", source_, "labelled set for --qat, whose labels teach as well");
    tuning_.declare(options);
#endif
  }
  std::string default_out() const override { return "runs/quantize"; }

  Json run(const Globals& globals) override {
    const auto start = std::chrono::steady_clock::now();
    check_options();
    const fs::path out = globals.out_or(default_out());
    refuse_own_folder(out);
    const ir::Graph graph = ir::load_any_graph(checkpoint_);
    quant::units_of(graph);  // refuses what has no integer form
    make_output_dir(out, globals.force);
    const data::UnlabelledSet set =
        load_unlabelled_for(globals, graph.spec, data_, data::Split::kTrain, qat_ ? 0 : images_);
    const data::UnlabelledSet first{set.name, data::head(set.images, images_ > 0 ? images_ : set.images.n)};
    quant::Scales scales = quant::calibrate(graph, first, bits_, calibration_);
    ir::Graph tuned = bias_correction_ ? quant::correct_biases(graph, scales, bits_, first.images) : graph;
#ifdef DSODE_WITH_TORCH
    if (qat_) std::tie(tuned, scales) = fine_tune(globals, graph, scales, set);
#endif
    const ir::integer::Graph integer = quant::quantize(tuned, scales, bits_);
    warn_of_saturation(integer, first.images);
    ir::integer::save(out, integer);
    write_file(out / "config.toml", config(globals));
    if (sensitivity_images_ > 0)
      print(quant::sensitivity(tuned, scales, bits_, data::head(first.images, sensitivity_images_),
                               threads(globals)));
    Json json = results(globals, integer.spec, out);
    json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_file(out / "results.json", json.dump(2) + "\n");
    return json;
  }

 private:
#ifdef DSODE_WITH_TORCH
  // From the float graph, which also teaches where there are no labels.
  std::pair<ir::Graph, quant::Scales> fine_tune(const Globals& globals, const ir::Graph& graph,
                                                const quant::Scales& scales,
                                                const data::UnlabelledSet& images) {
    setup_torch(globals);
    std::optional<data::LabelledSet> source;
    if (!source_.empty()) source = load_for(globals, graph.spec, source_, data::Split::kTrain);
    tuning_.seed = globals.seed;
    return adapt::fine_tune(graph, scales, bits_, images, source, tuning_);
  }
#endif

  void check_options() const {
    require_option(checkpoint_, "--checkpoint", "name a run folder of dsodenet train or adapt");
    require_option(data_, "--data", "name images like those the model will see; labels are not read");
    if (!eval_data_.empty()) data::parse_spec(eval_data_);  // a typo should not wait for the end
#ifdef DSODE_WITH_TORCH
    adapt::validate(tuning_);
    if (!qat_ && !source_.empty()) throw bad_input("--source: for --qat only", "add --qat, or leave it out");
#endif
    const auto within = [](const char* flag, int value, int lo, int hi) {
      if (value < lo || value > hi)
        throw bad_input(fmt::format("{}: {}", flag, value), fmt::format("give {} to {}", lo, hi));
    };
    within("--weight-bits", bits_.weight, 4, 8);
    within("--act-bits", bits_.activation, 4, 8);
    within("--state-bits", bits_.state, 8, 16);
    if (!(calibration_.percentile > 50 && calibration_.percentile <= 100))
      throw bad_input(fmt::format("--percentile: {}", calibration_.percentile),
                      "give more than 50, at most 100");
  }

  // Its config.toml and results.json are of the float model.
  void refuse_own_folder(const fs::path& out) const {
    std::error_code ignored;
    if (fs::equivalent(out, checkpoint_, ignored) ||
        fs::equivalent(out / "best.safetensors", checkpoint_, ignored))
      throw bad_input(fmt::format("--out {}: is the checkpoint's own folder", out.string()),
                      "name another folder");
  }

  // More than 1 in 10,000 states beyond their range in calibration is too many.
  static void warn_of_saturation(const ir::integer::Graph& graph, const data::Images& images) {
    quant::Golden golden(graph);
    std::vector<int32_t> scores(graph.spec.classes.size());
    for (int i = 0; i < images.n; ++i) golden.run(images[i], scores);
    for (const quant::Saturation& s : golden.saturations())
      if (s.saturated * 10'000 > s.values)
        spdlog::warn("{}: {:.3f} % of its states saturate", s.op,
                     100.0 * double(s.saturated) / double(s.values));
  }

  static void print(const std::vector<quant::LayerSensitivity>& layers) {
    std::vector<std::vector<std::string>> rows{
        {"layer quantised alone", "signal to noise, dB", "same prediction, %"}};
    for (const auto& layer : layers)
      rows.push_back(
          {layer.name, fmt::format("{:.1f}", layer.signal_to_noise), fmt::format("{:.1f}", layer.agreement)});
    fmt::print("{}", text_table(rows));
  }

  Json results(const Globals& globals, const ir::ModelSpec& spec, const fs::path& out) const {
    Json json{{"model", spec.name()},
              {"data", data_},
              {"accuracy_float", nullptr},
              {"accuracy_int", nullptr},
              {"n", 0},
              {"bytes", fs::file_size(out / ir::integer::kFileName)},
              {"weight_bits", bits_.weight},
              {"act_bits", bits_.activation},
              {"state_bits", bits_.state},
              {"out", out.string()}};
    if (!eval_data_.empty()) {
      const data::LabelledSet judge = load_for(globals, spec, eval_data_, data::Split::kTest, eval_limit_);
      const auto accuracy = [&](const std::string& path) {
        const Model model = open_model(globals, path, "auto");
        return eval::score(eval::predictions(model.engine->run(judge.images)), judge.labels,
                           spec.classes_count())
            .accuracy();
      };
      json["accuracy_float"] = accuracy(checkpoint_);
      json["accuracy_int"] = accuracy((out / ir::integer::kFileName).string());
      json["n"] = judge.images.n;
      fmt::print("{} on {}: {:.2f} % in floats, {:.2f} % in integers ({} images)\n", spec.name(), eval_data_,
                 json["accuracy_float"].get<double>(), json["accuracy_int"].get<double>(), judge.images.n);
    }
    fmt::print("{}: {} bytes\n", (out / ir::integer::kFileName).string(),
               grouped(json["bytes"].get<int64_t>()));
    return json;
  }

  std::string checkpoint_, data_, eval_data_;
  ir::integer::Bits bits_;
  quant::CalibrationOptions calibration_;
  int images_ = 256, sensitivity_images_ = 64, eval_limit_ = 0;
  bool bias_correction_ = true, qat_ = false;
#ifdef DSODE_WITH_TORCH
  std::string source_;
  adapt::FineTuneOptions tuning_;
#endif
};

}  // namespace

std::unique_ptr<Verb> make_quantize() { return std::make_unique<Quantize>(); }

}  // namespace dsode::cli
