// Ways to run the same model on a batch of images, each one file: this project's and its rivals'.
#pragma once

#include <memory>

#include "bench/suite.h"
#include "data/dataset.h"

namespace dsode::bench {

class Runner {
 public:
  virtual ~Runner() = default;
  // Pixels to scores of the whole batch.
  virtual void run(const data::Images& images) = 0;
};

// `src/run`: images across the threads.
std::unique_ptr<Runner> make_ours(const ir::ModelSpec& spec, const std::string& precision, int threads);

// libtorch at its best: channels_last, norm and ReLU in one pass, time as a bias, freed memory kept.
std::unique_ptr<Runner> make_libtorch(const ir::ModelSpec& spec, int threads);

// The network as a user of libtorch writes it down.
std::unique_ptr<Runner> make_libtorch_plain_runner(const ir::ModelSpec& spec, int threads);

// Median milliseconds a batch of the exported float model in ONNX Runtime at its best, which a Python program
// measures; of "int8" once ONNX Runtime's own tool has quantised it.
double onnxruntime_ms(const ir::ModelSpec& spec, const std::string& precision, int batch, int threads,
                      int repeats);
// What python3 lacks for that: a module's name, or nothing.
std::string lacks_onnxruntime(const std::string& precision);

// Multiply-adds a second of independent chains in registers, on so many threads at once.
double peak_macs_per_second(int threads);

}  // namespace dsode::bench
