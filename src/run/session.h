// A model file made ready to run: pixels in, scores out, on any number of threads.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "ir/int_graph.h"

namespace dsode::run {

// The file that `path` means: of a folder the integer model, or else the best checkpoint.
ir::SafeTensors load_artifact(const std::filesystem::path& path);

// Integer scores in units of `scale`, counted from the largest down: a float would round large scores of
// almost one size to the same.
void to_logits(std::span<const int32_t> scores, double scale, std::span<float> logits);

struct SessionOptions {
  // What the model must be: "fp32", "int8"; or "bf16", in which kernels run a model of floats: the operands
  // of its pointwise products rounded, all else in floats.
  std::string precision = "auto";
  int threads = 0;         // 0: one a core
  bool interpret = false;  // also where kernels cover the model
};

class Session {
 public:
  // A checkpoint, a graph or an integer model. Throws bad_input naming the file.
  Session(const ir::SafeTensors& file, const SessionOptions& options);
  Session(const ir::Graph& graph, const SessionOptions& options);
  ~Session();

  const ir::ModelSpec& spec() const { return spec_; }
  // In which the model runs: "fp32" also where it has no pointwise products or kernels do not cover it.
  const std::string& precision() const { return precision_; }
  int threads() const;
  // "avx512", ..., or "interpreter" where the kernels do not cover `uncovered`.
  const std::string& engine() const { return engine_; }
  const std::string& uncovered() const { return uncovered_; }
  size_t features() const { return static_cast<size_t>(spec_.widths.back()); }

  // Images [n,H,W,C] of the model's input, pixels 0..255, which an integer model rounds; `logits`
  // [n,classes]; `features` [n,features()], the classifier's input, or none. Images go across the threads,
  // and those left over are shared, rows across threads. One call at a time. Nothing is allocated where
  // kernels run.
  void run(std::span<const uint8_t> pixels, std::span<float> logits, std::span<float> features = {});
  void run(std::span<const float> pixels, std::span<float> logits, std::span<float> features = {});

 private:
  struct Ways;

  void plan(const ir::Graph& graph, const SessionOptions& options);
  void plan(const ir::integer::Graph& graph, const std::string& origin, const SessionOptions& options);

  ir::ModelSpec spec_;
  std::string precision_, engine_, uncovered_;
  std::unique_ptr<Ways> ways_;
};

}  // namespace dsode::run
