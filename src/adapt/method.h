// An adaptation method: one file, one class, one registration. docs/adding.md walks through a new one.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batches.h"
#include "data/dataset.h"
#include "model/network.h"
#include "train/options.h"

namespace dsode::adapt {

// Unset values are the method's own.
struct AdaptOptions {
  std::string method = "shot";
  std::optional<std::string> select;
  std::optional<int> epochs;
  std::optional<double> lr;
  std::optional<double> weight;  // of the method's own loss term
  int batch_size = 64;
  int images_per_epoch = 12'000;  // target images an epoch draws; 0: all
  std::string source_augment = "auto";
  std::string target_augment = "weak";
  std::string gradient = "checkpoint";
  std::string kernels = "on";
  void declare(OptionSet& options);
};

// Everything a method may see. The target comes as a type without labels.
struct Setting {
  model::Network& network;
  const data::LabelledSet* source;  // training part; null where the method needs none
  const data::UnlabelledSet& target;
  const AdaptOptions& options;
  int epochs;
  double lr, weight;
  uint64_t seed;
  torch::Device device;

  // Positions of the target images that an epoch uses.
  std::vector<int> drawn(int epoch) const;
  // A pass over them, and one over the source, augmented. Passes that differ in `view` have the same images
  // in the same order, augmented anew.
  data::BatchStream target_batches(int epoch, uint64_t view, const std::string& augment) const;
  data::BatchStream source_batches(int epoch) const;
  int steps_per_epoch() const;
};

class Method {
 public:
  virtual ~Method() = default;
  // One epoch; returns its mean loss.
  virtual double run_epoch(int epoch) = 0;
};

struct MethodInfo {
  std::string name;
  std::string paper;             // what it is, and where it was published
  std::string selector = "bnm";  // label-free rule that fits its losses
  int epochs = 4;
  double lr = 1e-3;
  double weight = 1;
  bool needs_source = false;
  std::unique_ptr<Method> (*make)(const Setting&) = nullptr;
};

// All registered methods by name.
const std::vector<MethodInfo>& methods();
// Throws bad_input with the nearest name.
const MethodInfo& find_method(const std::string& name);

struct RegisterMethod {
  explicit RegisterMethod(MethodInfo info);
};

// Norm statistics of `images` under the current weights: the mean over batches of their batch statistics
// (AdaBN, Li et al., arXiv 1603.04779). At most `limit` images.
void estimate_statistics(model::Network& network, const data::Images& images, int batch_size, uint64_t seed,
                         int limit = 6000);

}  // namespace dsode::adapt
