// dsodenet eval: accuracy of a model on a labelled set.
#include "base/error.h"
#include "base/text_table.h"
#include "cli/engines.h"
#include "cli/inputs.h"
#include "cli/verbs.h"
#include "eval/metrics.h"
#include "ir/cost.h"
#include "run/map_check.h"

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
    options.add("check_maps", check_maps_,
                "of engine int8: compare every map inside with the golden interpreter's");
    options.add("limit", limit_, "use the first images only, 0 for all");
  }

  Json run(const Globals& globals) override {
    require_option(checkpoint_, "--checkpoint", "name a run folder or a .safetensors file");
    require_option(data_, "--data", "name a data set; dsodenet data lists them");
    const Model model = open_model(globals, checkpoint_, engine_, statistics_ == "batch");
    const ir::ModelSpec& spec = model.spec;
    if (check_maps_ && model.engine_name != "int8")
      throw bad_input(fmt::format("--check-maps: engine {} has no integer kernels", model.engine_name),
                      "name a folder that dsodenet quantize wrote, with --engine int8 or auto");
    const data::LabelledSet set = load_for(globals, spec, data_, data::Split::kTest, limit_);
    const eval::Score score =
        eval::score(eval::predictions(model.engine->run(set.images)), set.labels, spec.classes_count());
    const ir::ModelCost cost = ir::cost(spec);
    fmt::print("{} on {}: {:.2f} % of {} images (95 %: {:.2f} to {:.2f})\n", spec.name(), data_,
               score.accuracy(), score.n, score.interval().lo, score.interval().hi);
    Json json{{"model", spec.name()},
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
    if (check_maps_) check_maps(set.images, threads(globals), json);
    return json;
  }

 private:
  void check_maps(const data::Images& images, int threads, Json& json) const {
    const ir::integer::Graph graph = ir::integer::load(checkpoint_);
    std::string reason;
    const auto executor = run::IntExecutor::plan(graph, reason);
    if (!executor)
      throw bad_input(fmt::format("--check-maps: the kernels do not cover {}", reason),
                      "the golden interpreter itself runs this model");
    std::vector<std::vector<std::string>> rows{{"operation", "compared", "differing"}};
    uint64_t compared = 0, differing = 0;
    for (const run::MapResult& result : run::check_maps(graph, *executor, images.pixels, threads)) {
      rows.push_back({result.op, grouped(int64_t(result.compared)), grouped(int64_t(result.differing))});
      compared += result.compared;
      differing += result.differing;
    }
    fmt::print("\n{}\n{} of {} values differ from the golden interpreter\n", text_table(rows),
               grouped(int64_t(differing)), grouped(int64_t(compared)));
    if (differing > 0) throw failed("eval: the kernels differ from the golden interpreter");
    json.update({{"compared", compared}, {"differing", differing}});
  }

  std::string checkpoint_, data_, statistics_ = "running", engine_ = "auto";
  bool check_maps_ = false;
  int limit_ = 0;
};

}  // namespace

std::unique_ptr<Verb> make_eval() { return std::make_unique<Eval>(); }

}  // namespace dsode::cli
