// dsodenet info: what a model is and costs.
#include "base/text_table.h"
#include "cli/verbs.h"
#include "ir/cost.h"

namespace dsode::cli {

namespace {

std::string percent(double value) { return fmt::format("{:.1f} %", value); }

const char* part_name(ir::Part part) {
  return part == ir::Part::kStem ? "pre" : part == ir::Part::kCore ? "core" : "post";
}

class Info : public Verb {
 public:
  std::string name() const override { return "info"; }
  std::string help() const override { return "layers, parameters, MACs and memory of a model"; }
  void declare(OptionSet& options) override {
    options.add("model", model_, "family and size", ir::model_names());
    overrides_.declare(options);
    options.add("batch_size", batch_size_, "images a training step, for the memory estimate");
  }

  Json run(const Globals&) override {
    const ir::ModelSpec spec = ir::make_spec(model_, overrides_);
    const ir::ModelCost cost = ir::cost(spec);
    print_layers(spec, cost);
    print_families(spec);
    return {{"model", spec.name()},
            {"params", cost.params},
            {"params_core", cost.params_core},
            {"macs", cost.macs},
            {"core_reduction_vs_odenet", ir::core_reduction(spec, "odenet")},
            {"core_reduction_vs_resnet", ir::core_reduction(spec, "resnet")},
            {"core_reduction_vs_resnet_2", ir::core_reduction_vs_resnet(spec, 2)},
            {"training_mb_checkpoint", megabytes(spec, "checkpoint")},
            {"training_mb_full", megabytes(spec, "full")}};
  }

 private:
  double megabytes(const ir::ModelSpec& spec, const std::string& gradient) const {
    return static_cast<double>(ir::training_bytes(spec, batch_size_, gradient)) / (1 << 20);
  }

  void print_layers(const ir::ModelSpec& spec, const ir::ModelCost& cost) const {
    fmt::print("{}  input {}, {} steps of {}, norm {}, time {}\n\n", spec.name(), spec.input.text(),
               spec.steps, spec.solver, spec.norm, spec.time);
    std::vector<std::vector<std::string>> rows{{"layer", "part", "what", "output", "parameters", "MACs"}};
    for (const auto& layer : cost.layers)
      rows.push_back({layer.name, part_name(layer.part), layer.detail, layer.output.text(),
                      grouped(layer.params), grouped(layer.macs)});
    rows.push_back({"all", "", "", "", grouped(cost.params), grouped(cost.macs)});
    rows.push_back(
        {"core", "", "without pre- and post-processing layers", "", grouped(cost.params_core), ""});
    fmt::print("{}\n", text_table(rows));
    fmt::print(
        "training memory, batch {}, feature maps kept for the backward pass (estimate): {:.0f} MB with "
        "gradient checkpoint, "
        "{:.0f} MB with full\n\n",
        batch_size_, megabytes(spec, "checkpoint"), megabytes(spec, "full"));
  }

  void print_families(const ir::ModelSpec& spec) const {
    std::vector<std::vector<std::string>> rows{
        {"same widths and steps", "parameters", "core", "MACs", "core of " + spec.name()}};
    const auto add = [&](const std::string& label, const ir::ModelSpec& other, double reduction) {
      const ir::ModelCost cost = ir::cost(other);
      rows.push_back({label, grouped(cost.params), grouped(cost.params_core), grouped(cost.macs),
                      std::abs(reduction) < 0.05 ? "same"
                      : reduction > 0            ? percent(reduction) + " fewer"
                                                 : percent(-reduction) + " more"});
    };
    for (const auto& family : {"dsodenet", "rodenet", "odenet", "resnet"}) {
      ir::ModelSpec other = spec;
      other.family = family;
      add(family, other, ir::core_reduction(spec, family));
    }
    ir::ModelSpec resnet2 = spec;
    resnet2.family = "resnet";
    resnet2.steps = 2;
    add("resnet, 2 blocks a stage", resnet2, ir::core_reduction_vs_resnet(spec, 2));
    fmt::print("{}", text_table(rows));
  }

  std::string model_ = "dsodenet-t";
  ir::ModelOverrides overrides_;
  int batch_size_ = 64;
};

}  // namespace

std::unique_ptr<Verb> make_info() { return std::make_unique<Info>(); }

}  // namespace dsode::cli
