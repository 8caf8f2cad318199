// dsodenet predict: a label and a confidence for every image of a set.
#include "base/error.h"
#include "base/file.h"
#include "base/text_table.h"
#include "cli/engines.h"
#include "cli/inputs.h"
#include "cli/verbs.h"
#include "quant/trace.h"

namespace dsode::cli {

namespace {

class Predict : public Verb {
 public:
  std::string name() const override { return "predict"; }
  std::string help() const override { return "label images: a CSV file of index, label and confidence"; }
  void declare(OptionSet& options) override {
    options.add("checkpoint", checkpoint_, kModelHelp);
    options.add("data", data_, "data set, labels are not read");
    options.add("engine", engine_, "what runs the model", engine_names());
    options.add("logits", logits_, "write the score of every class too");
    options.add("trace", trace_, "write every map of the golden engine to this .safetensors file");
    options.add("limit", limit_, "use the first images only, 0 for all");
  }

  Json run(const Globals& globals) override {
    require_option(checkpoint_, "--checkpoint", "name a run folder or a .safetensors file");
    require_option(data_, "--data", "name a data set, such as folder:PATH");
    require_option(globals.out, "--out", "name the CSV file to write");
    refuse_existing(globals);
    const Model model = open_model(globals, checkpoint_, engine_);
    if (!trace_.empty()) check_trace(globals, model);
    const ir::ModelSpec& spec = model.spec;
    const data::UnlabelledSet set = load_unlabelled_for(globals, spec, data_, data::Split::kTest, limit_);
    const eval::Outputs outputs = model.engine->run(set.images);
    const std::vector<int> labels = eval::predictions(outputs);
    const std::vector<float> confidences = top_probabilities(outputs, labels);
    if (!trace_.empty()) write_trace(set.images);
    write_file(globals.out, csv(labels, confidences, outputs));
    print_counts(spec.classes, labels);
    double sum = 0;
    for (const float confidence : confidences) sum += confidence;
    return {{"model", spec.name()},
            {"data", data_},
            {"n", outputs.n},
            {"mean_confidence", sum / outputs.n},
            {"out", globals.out}};
  }

 private:
  void check_trace(const Globals& globals, const Model& model) const {
    if (model.engine_name != "golden" && model.engine_name != "int8")
      throw bad_input(fmt::format("--trace: engine {} makes no integer maps", model.engine_name),
                      "name a folder that dsodenet quantize wrote");
    refuse_existing(globals, "--trace", trace_);
  }

  void write_trace(const data::Images& images) const {
    quant::Golden golden(ir::integer::load(checkpoint_), checkpoint_);
    ir::save_safetensors(trace_, quant::trace(golden, images));
  }

  static std::vector<float> top_probabilities(const eval::Outputs& outputs, const std::vector<int>& labels) {
    const std::vector<float> p = eval::softmax(outputs);
    std::vector<float> top;
    for (size_t i = 0; i < labels.size(); ++i)
      top.push_back(p[i * static_cast<size_t>(outputs.classes) + static_cast<size_t>(labels[i])]);
    return top;
  }

  std::string csv(const std::vector<int>& labels, const std::vector<float>& confidences,
                  const eval::Outputs& outputs) const {
    const int scores = logits_ ? outputs.classes : 0;
    std::string text = "index,label,confidence";
    for (int k = 0; k < scores; ++k) text += fmt::format(",logit{}", k);
    text += "\n";
    for (size_t i = 0; i < labels.size(); ++i) {
      text += fmt::format("{},{},{:.6f}", i, labels[i], confidences[i]);
      const float* row = outputs.logits.data() + i * static_cast<size_t>(outputs.classes);
      for (int k = 0; k < scores; ++k) text += fmt::format(",{}", row[k]);
      text += "\n";
    }
    return text;
  }

  void print_counts(const std::vector<std::string>& classes, const std::vector<int>& labels) const {
    std::vector<int> counts(classes.size());
    for (const int label : labels) ++counts[static_cast<size_t>(label)];
    std::vector<std::vector<std::string>> rows{{"label", "class", "predicted"}};
    for (size_t k = 0; k < classes.size(); ++k)
      rows.push_back({std::to_string(k), classes[k], grouped(counts[k])});
    fmt::print("{}", text_table(rows));
  }

  std::string checkpoint_, data_, trace_, engine_ = "auto";
  bool logits_ = false;
  int limit_ = 0;
};

}  // namespace

std::unique_ptr<Verb> make_predict() { return std::make_unique<Predict>(); }

}  // namespace dsode::cli
