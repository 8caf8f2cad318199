// dsodenet demo: train on one domain, see the model fail on another, adapt it without labels, report.
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>

#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "base/text_table.h"
#include "cli/accelerator_report.h"
#include "cli/demo_plan.h"
#include "cli/report_parts.h"
#include "cli/training_inputs.h"
#include "cli/verbs.h"
#include "ir/checkpoint_graph.h"
#include "quant/unit.h"

namespace dsode::cli {

namespace {

namespace fs = std::filesystem;

// The demo's recipe, with the budgets in demo_plan.cc and the defaults of `train` and `adapt`.
constexpr const char* kSource = "fashion-mnist";
constexpr const char* kTarget = "fashion-mnist+camera";
constexpr const char* kMethod = "shot";
constexpr const char* kAccelerator = "grid-16x16x1";
constexpr int kSimulatedImages = 3;

class Demo : public Verb {
 public:
  std::string name() const override { return "demo"; }
  std::string help() const override { return "train, adapt without labels and report, in one command"; }
  void declare(OptionSet& options) override {
    options.add("source", request_.source, "labelled source set, or folder:PATH of your own pictures");
    options.add("target", request_.target,
                "target set, adapted to without labels; labels, where it has any, only judge");
    options.add("model", request_.model, "family and size (what suits the images)");
    options.add("epochs", request_.epochs, "passes over the source (what the demo's budget gives)");
    options.add("adapt_epochs", request_.adapt_epochs,
                "passes over the target (what the demo's budget gives)");
    options.add("method", method_, "adaptation method");
    options.add("limit", request_.limit, "use the first images of each set only, 0 for all");
  }
  std::string default_out() const override { return "runs/demo"; }

  Json run(const Globals& globals) override {
    const auto start = std::chrono::steady_clock::now();
    setup_torch(globals);
    const train::RunFolder folder(globals.out_or(default_out()));
    const DemoPlan plan = make_demo_plan(request_, globals.load(data::Split::kTrain));
    claim(folder, globals);

    Json steps;
    train(globals, plan, steps);
    see_it_fail(globals, plan, steps);
    adapt(globals, plan, steps);
    quantize(globals, plan, steps);
    accelerate(globals, plan, steps);
    heading(6, "report");
    report(folder, globals, steps);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const Json json = results(globals, plan, steps, seconds);
    write_file(folder.results(), json.dump(2) + "\n");
    print(folder, json, plan);
    return json;
  }

 private:
  static void heading(int step, const std::string& text) {
    throw_if_interrupted();
    std::fflush(stdout);  // what the step before printed comes first, in a file too
    spdlog::info("\n== {}/6  {}", step, text);
  }

  // A folder of an earlier demo is written anew; any other is refused as every verb does.
  void claim(const train::RunFolder& folder, const Globals& globals) {
    std::error_code ignored;
    const bool ours = fs::exists(folder.config(), ignored) &&
                      read_text(folder.config()).starts_with(fmt::format("# dsodenet {}\n", name()));
    Globals allowed = globals;
    allowed.force = globals.force || ours;
    start_run(folder, allowed, config(globals));
  }

  // For a step that writes its own run folder in the demo's.
  Globals step_globals(const Globals& globals, const std::string& step) const {
    Globals own = globals;
    own.out = (fs::path(globals.out_or(default_out())) / step).string();
    own.force = true;
    return own;
  }

  void train(const Globals& globals, const DemoPlan& plan, Json& steps) const {
    heading(1,
            fmt::format("training {} on {}, {} epochs", plan.model.front().second, plan.source, plan.epochs));
    Settings settings{{"data", plan.source}, {"epochs", std::to_string(plan.epochs)}, limit("limit")};
    settings.insert(settings.begin(), plan.model.begin(), plan.model.end());
    steps["train"] = run_verb(*make_train(), step_globals(globals, "train"), settings);
  }

  // Its figures go nowhere but into the report.
  void see_it_fail(const Globals& globals, const DemoPlan& plan, Json& steps) const {
    heading(2, "the source model on images it has not seen");
    const auto evaluate = [&](const char* key, const std::optional<std::string>& set) {
      steps[key] = nullptr;
      if (!set) return;
      throw_if_interrupted();
      steps[key] =
          run_verb(*make_eval(), globals,
                   {{"checkpoint", step_globals(globals, "train").out}, {"data", *set}, limit("limit")});
    };
    evaluate("eval_source", plan.source_test);
    evaluate("eval_target", plan.target_test);
    if (!plan.target_test)
      spdlog::info("{}: no labels (pictures without class folders), so its accuracy can't be told",
                   plan.target);
  }

  void adapt(const Globals& globals, const DemoPlan& plan, Json& steps) const {
    heading(3, fmt::format("adapting to {} without labels, {} epochs", plan.target, plan.adapt_epochs));
    Settings settings{{"checkpoint", step_globals(globals, "train").out},
                      {"source", plan.source},
                      limit("source_limit"),
                      {"target", plan.target},
                      {"method", method_},
                      {"epochs", std::to_string(plan.adapt_epochs)},
                      {"images_per_epoch", std::to_string(plan.images_per_epoch)},
                      limit("target_limit")};
    if (plan.target_test) {
      settings.emplace_back("eval_data", *plan.target_test);
      settings.push_back(limit("eval_limit"));
    }
    steps["adapt"] = run_verb(*make_adapt(), step_globals(globals, "adapt"), settings);
  }

  void quantize(const Globals& globals, const DemoPlan& plan, Json& steps) {
    heading(4, "the adapted model in integers");
    steps["quantize"] = nullptr;
    const std::string adapted = step_globals(globals, "adapt").out;
    const std::string missing = quant::without_integer_form(ir::load_any_graph(adapted).spec);
    if (!missing.empty()) {
      spdlog::info("none: {} has no integer form", missing);
      return;
    }
    Settings settings{{"checkpoint", adapted}, {"data", plan.target}, {"sensitivity_images", "0"}};
    if (plan.target_test) {
      settings.emplace_back("eval_data", *plan.target_test);
      settings.push_back(limit("eval_limit"));
    }
    const auto verb = make_quantize();
    const Globals own = step_globals(globals, "quantize");
    steps["quantize"] = run_verb(*verb, own, settings);
    quantize_command_ = verb->command(own);
  }

  void accelerate(const Globals& globals, const DemoPlan& plan, Json& steps) {
    heading(5, "the integers on the accelerator, its hardware simulated cycle by cycle");
    steps["compile"] = steps["simulate"] = nullptr;
    if (steps.at("quantize").is_null()) return;
    const Globals own = step_globals(globals, "accelerator");
    const auto compiler = make_compile(), simulator = make_simulate();
    try {
      steps["compile"] = run_verb(
          *compiler, own, {{"model", step_globals(globals, "quantize").out}, {"target", kAccelerator}});
      steps["simulate"] = run_verb(*simulator, globals,
                                   {{"image", own.out},
                                    {"data", plan.target_test.value_or(plan.target)},
                                    {"images", std::to_string(kSimulatedImages)},
                                    {"trace_layers", "true"}});
    } catch (const Error& error) {
      if (error.code() != Code::kUsage) throw;
      spdlog::info("none: {}", error.what());
      return;
    }
    accelerator_commands_ = {compiler->command(own), simulator->command(globals)};
  }

  std::pair<std::string, std::string> limit(const std::string& option) const {
    return {option, std::to_string(request_.limit)};
  }

  // The adaptation's page, with what the other steps have to tell.
  void report(const train::RunFolder& folder, const Globals& globals, const Json& steps) {
    report::RunReport report = read_report(folder.dir() / "adapt");
    const report::RunReport training = read_report(folder.dir() / "train");
    report.title = fmt::format("{}, from {} to {}", report.headline->model, request_.source, request_.target);
    report.headline->source = request_.source;
    report.headline->target = request_.target;
    report.commands.insert(report.commands.begin(), {command(globals), "# or step by step:"});
    std::vector<report::KeyValue> rows;
    for (const auto& [prefix, part] :
         {std::pair{"train: ", &training}, std::pair{"adapt: ", &std::as_const(report)}})
      for (const auto& [key, value] : part->configuration) rows.push_back({prefix + key, value});
    report.configuration = std::move(rows);
    if (const Json& source = steps.at("eval_source"); !source.is_null()) {
      const report::Accuracy at_home{source.at("accuracy"), source.at("n"), source.at("accuracy_lo"),
                                     source.at("accuracy_hi")};
      report.headline->source_validation = at_home;
      report.notes.push_back(
          fmt::format("The accuracy on the source is on {} images of {}, which had no part in training.",
                      at_home.n, source.at("data").get<std::string>()));
    }
    if (const Json& integers = steps.at("quantize"); !integers.is_null()) {
      report.sections.push_back(in_integers(integers));
      report.commands.push_back(quantize_command_);
    }
    if (const Json& simulation = steps.at("simulate"); !simulation.is_null()) {
      report.sections.push_back(on_the_accelerator(steps.at("compile"), simulation));
      report.sections.push_back(beside_software(simulation));
      report.sections.push_back(beside_the_paper(report.sizes, simulation));
      report.commands.insert(report.commands.end(), accelerator_commands_.begin(),
                             accelerator_commands_.end());
    }
    write_report(folder.dir(), report);
  }

  static report::Section in_integers(const Json& json) {
    report::Section section{
        .title = "In integers",
        .text =
            "The adapted model as a microcontroller or an FPGA computes it, every bit defined, calibrated "
            "with "
            "unlabelled target images.",
        .facts = {{"weights, activations, state",
                   fmt::format("{}, {} and {} bit", json.at("weight_bits").dump(), json.at("act_bits").dump(),
                               json.at("state_bits").dump())},
                  {"size of the model's file", grouped(json.at("bytes").get<int64_t>()) + " bytes"}},
        .table = std::nullopt};
    if (json.at("accuracy_int").is_null()) return section;
    for (const auto& [label, key] : {std::pair{"target accuracy in floats", "accuracy_float"},
                                     {"target accuracy in integers", "accuracy_int"}})
      section.facts.push_back({label, fmt::format("{:.2f} % of {} images", json.at(key).get<double>(),
                                                  grouped(json.at("n").get<int64_t>()))});
    return section;
  }

  Json results(const Globals& globals, const DemoPlan& plan, const Json& steps, double seconds) const {
    const Json &train = steps.at("train"), &adapt = steps.at("adapt");
    Json json{{"model", train.at("model")},
              {"source", plan.source},
              {"target", plan.target},
              {"source_only", adapt.at("source_only")},
              {"adapted", adapt.at("adapted")},
              {"oracle_best", adapt.at("oracle_best")},
              {"method", adapt.at("method")},
              {"params", train.at("params")},
              {"seconds", seconds},
              {"seed", globals.seed}};
    json.update(steps);
    return json;
  }

  static void print(const train::RunFolder& folder, const Json& json, const DemoPlan& plan) {
    fmt::print("\n{}, {} parameters, trained on {} and adapted in {}\n", json.at("model").get<std::string>(),
               json.at("params").get<int64_t>(), plan.source,
               format_duration(json.at("seconds").get<double>()));
    if (json.at("adapted").is_null())
      fmt::print("adapted to {}; without labelled target images no accuracy can be told\n", plan.target);
    else
      fmt::print("on {}: {:.2f} % before, {:.2f} % after adaptation without labels\n", *plan.target_test,
                 json.at("source_only").get<double>(), json.at("adapted").get<double>());
    if (const Json& integers = json.at("quantize"); !integers.is_null())
      fmt::print("in integers: {}{} bytes\n",
                 integers.at("accuracy_int").is_null()
                     ? ""
                     : fmt::format("{:.2f} %, ", integers.at("accuracy_int").get<double>()),
                 grouped(integers.at("bytes").get<int64_t>()));
    if (const Json& simulation = json.at("simulate"); !simulation.is_null())
      fmt::print("on the accelerator: {} cycles an image, {} of {} values differ from the integers\n",
                 grouped(simulation.at("cycles").get<int64_t>()), simulation.at("mismatches").get<int64_t>(),
                 grouped(simulation.at("compared").get<int64_t>()));
    fmt::print("report: {}\n", folder.report().string());
  }

  DemoRequest request_{.source = kSource, .target = kTarget, .model = {}, .epochs = {}, .adapt_epochs = {}};
  std::string method_ = kMethod, quantize_command_;
  std::vector<std::string> accelerator_commands_;
};

}  // namespace

std::unique_ptr<Verb> make_demo() { return std::make_unique<Demo>(); }

}  // namespace dsode::cli
