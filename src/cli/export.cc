// dsodenet export: a trained model as a file that other programs read.
#include "base/file.h"
#include "base/text_table.h"
#include "cli/inputs.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "ir/checkpoint_graph.h"
#include "onnx/float_model.h"
#include "onnx/integer_model.h"

namespace dsode::cli {

namespace {

namespace fs = std::filesystem;

// Writes what `artifact` holds to `out` and returns what model that is.
using Write = ir::ModelSpec (*)(const fs::path& artifact, const fs::path& out);

ir::ModelSpec write(const fs::path& out, const ir::ModelSpec& spec, onnx::Model model) {
  model.producer_version = kVersion;
  write_file(out, onnx::serialize(model));
  return spec;
}

ir::ModelSpec write_onnx(const fs::path& artifact, const fs::path& out) {
  const ir::Graph graph = ir::load_any_graph(artifact);
  return write(out, graph.spec, onnx::float_model(graph));
}

ir::ModelSpec write_onnx_qdq(const fs::path& artifact, const fs::path& out) {
  const ir::integer::Graph graph = ir::integer::load(artifact);
  return write(out, graph.spec, onnx::integer_model(graph));
}

ir::ModelSpec write_ir(const fs::path& artifact, const fs::path& out) {
  const ir::Graph graph = ir::load_any_graph(artifact);
  ir::save_graph(out, graph);
  return graph.spec;
}

const std::vector<std::pair<std::string, Write>> kFormats{
    {"onnx", write_onnx}, {"onnx-qdq", write_onnx_qdq}, {"ir", write_ir}};

class Export : public Verb {
 public:
  std::string name() const override { return "export"; }
  std::string help() const override { return "write a model as one file for other programs"; }
  void declare(OptionSet& options) override {
    std::vector<std::string> formats;
    for (const auto& [format, write] : kFormats) formats.push_back(format);
    options.add("checkpoint", artifact_,
                "run folder, checkpoint or graph file; for onnx-qdq a folder of quantize");
    options.add("model", artifact_, "the same");
    options.add("format", format_, "what to write", formats);
  }

  Json run(const Globals& globals) override {
    require_option(artifact_, "--checkpoint", "name a run folder or a .safetensors file");
    require_option(globals.out, "--out", "name the file to write");
    refuse_existing(globals);
    const auto found = std::ranges::find(kFormats, format_, [](const auto& format) { return format.first; });
    const ir::ModelSpec spec = found->second(artifact_, globals.out);
    const auto bytes = static_cast<int64_t>(fs::file_size(globals.out));
    fmt::print("{}: {} as {}, {} bytes\n", globals.out, spec.name(), format_, grouped(bytes));
    return {{"model", spec.name()}, {"format", format_}, {"out", globals.out}, {"bytes", bytes}};
  }

 private:
  std::string artifact_, format_ = kFormats.front().first;
};

}  // namespace

std::unique_ptr<Verb> make_export() { return std::make_unique<Export>(); }

}  // namespace dsode::cli
