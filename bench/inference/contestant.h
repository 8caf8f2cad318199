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
std::unique_ptr<Runner> make_kernels(const ir::ModelSpec& spec, int threads);

// libtorch at its best: channels_last, norm and ReLU in one pass, time as a bias, freed memory kept.
std::unique_ptr<Runner> make_libtorch(const ir::ModelSpec& spec, int threads);

// The network as a user of libtorch writes it down.
std::unique_ptr<Runner> make_libtorch_plain_runner(const ir::ModelSpec& spec, int threads);

// Median milliseconds a batch of the exported model in ONNX Runtime at its best, which a Python program
// measures.
double onnxruntime_ms(const ir::ModelSpec& spec, int batch, int threads, int repeats);
// Whether there is a Python that has it.
bool has_onnxruntime();

// Multiply-adds a second of independent chains in registers, on one core.
double peak_macs_per_second();

}  // namespace dsode::bench
