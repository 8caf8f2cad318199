// dsodenet eval: accuracy of a model on a labelled set.
#include "base/error.h"
#include "cli/engines.h"
#include "cli/inputs.h"
#include "cli/verbs.h"
#include "eval/metrics.h"
#include "ir/cost.h"

namespace dsode::cli {

namespace {

class Eval : public Verb {
 public:
  std::string name() const override { return "eval"; }
  std::string help() const override { return "accuracy of a model on a labelled set"; }
  void declare(OptionSet& options) override {
    options.add("checkpoint", checkpoint_, kModelHelp);
    options.add("data", data_, "data set");
    options.add("statistics", statistics_, "norm statistics: of training, or of each batch",
                {"running", "batch"});
    options.add("engine", engine_, "what runs the model", engine_names());
    options.add("limit", limit_, "use the first images only, 0 for all");
  }

  Json run(const Globals& globals) override {
    require_option(checkpoint_, "--checkpoint", "name a run folder or a .safetensors file");
    require_option(data_, "--data", "name a data set; dsodenet data lists them");
    const Model model = open_model(globals, checkpoint_, engine_, statistics_ == "batch");
    const ir::ModelSpec& spec = model.spec;
    const data::LabelledSet set = load_for(globals, spec, data_, data::Split::kTest, limit_);
    const eval::Score score =
        eval::score(eval::predictions(model.engine->run(set.images)), set.labels, spec.classes_count());
    const ir::ModelCost cost = ir::cost(spec);
    fmt::print("{} on {}: {:.2f} % of {} images (95 %: {:.2f} to {:.2f})\n", spec.name(), data_,
               score.accuracy(), score.n, score.interval().lo, score.interval().hi);
    return {{"model", spec.name()},
            {"engine", model.engine_name},
            {"data", data_},
            {"accuracy", score.accuracy()},
            {"n", score.n},
            {"accuracy_lo", score.interval().lo},
            {"accuracy_hi", score.interval().hi},
            {"params", cost.params},
            {"params_core", cost.params_core},
            {"macs", cost.macs},
            {"confusion", score.confusion}};
  }

 private:
  std::string checkpoint_, data_, statistics_ = "running", engine_ = "auto";
  int limit_ = 0;
};

}  // namespace

std::unique_ptr<Verb> make_eval() { return std::make_unique<Eval>(); }

}  // namespace dsode::cli
