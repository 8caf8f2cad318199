#include "adapt/method.h"

#include <algorithm>

#include "adapt/registry.h"
#include "base/error.h"
#include "data/subset.h"
#include "train/tensors.h"

namespace dsode::adapt {

void AdaptOptions::declare(OptionSet& options_set) {
  std::vector<std::string> names, augments{"auto"};
  for (const auto& info : methods()) names.push_back(info.name);
  for (const auto& info : data::augmentations()) augments.push_back(info.name);
  options_set.add("method", method, "adaptation method", names);
  options_set.add("select", select,
                  "label-free rule that picks the checkpoint (the method names its default)");
  options_set.add("epochs", epochs, "passes over the target images");
  options_set.add("lr", lr, "peak learning rate");
  options_set.add("weight", weight, "weight of the method's own loss");
  options_set.add("batch_size", batch_size, "images a step, of each domain");
  options_set.add("images_per_epoch", images_per_epoch, "target images drawn an epoch, 0 for all");
  options_set.add("source_augment", source_augment, "augmentation of source images", augments);
  options_set.add("target_augment", target_augment, "augmentation of target images", augments);
  options_set.add("gradient", gradient, "how the ODE blocks are differentiated", model::kGradients);
  options_set.add("kernels", kernels,
                  "own kernels for what they cover, in floats or products in bf16, or libtorch for all",
                  model::kKernels);
}

std::vector<int> Setting::drawn(int epoch) const {
  return data::draw(target.images.n, options.images_per_epoch, seed, static_cast<uint64_t>(epoch));
}

data::BatchStream Setting::target_batches(int epoch, uint64_t view, const std::string& augment) const {
  return {target.images,
          {},
          drawn(epoch),
          {.batch_size = std::min(options.batch_size, target.images.n),
           .shuffle = true,
           .drop_last = true,
           .augment = train::resolve_augment(augment, network->spec()),
           .normalization = network->spec().normalization,
           .seed = seed,
           .epoch = static_cast<uint64_t>(epoch),
           .view = view}};
}

data::BatchStream Setting::source_batches(int epoch) const {
  DSODE_CHECK(source != nullptr);
  // The source may be smaller than the target's epoch: passes over it are strung together by the caller.
  return {source->images,
          source->labels,
          {},
          {.batch_size = std::min(options.batch_size, source->images.n),
           .shuffle = true,
           .drop_last = true,
           .augment = train::resolve_augment(options.source_augment, network->spec()),
           .normalization = network->spec().normalization,
           .seed = seed,
           .epoch = static_cast<uint64_t>(epoch)}};
}

int Setting::steps_per_epoch() const {
  const int n = target.images.n,
            drawn = options.images_per_epoch == 0 ? n : std::min(n, options.images_per_epoch);
  return std::max(1, drawn / std::min(options.batch_size, n));
}

const std::vector<MethodInfo>& methods() { return Registry<MethodInfo>::all(); }

const MethodInfo& find_method(const std::string& name) {
  return Registry<MethodInfo>::find(name, "--method");
}

RegisterMethod::RegisterMethod(MethodInfo info) { Registry<MethodInfo>::add(std::move(info)); }

void estimate_statistics(model::Network& network, const data::Images& images, int batch_size, uint64_t seed,
                         int limit) {
  const torch::NoGradGuard no_grad;
  const auto device = network->parameters().front().device();
  const bool was_training = network->is_training();
  network->train();
  data::BatchStream stream(images, {}, data::draw(images.n, limit, seed, 0),
                           {.batch_size = std::min(batch_size, images.n),
                            .shuffle = true,
                            .drop_last = true,
                            .normalization = network->spec().normalization,
                            .seed = seed});
  int batches = 0;
  for (data::Batch batch; stream.next(batch);) {
    ++batches;
    for (auto& norm : network->norms()) norm->set_momentum(1.0 / batches);
    network->features(train::pixels(batch, images.shape, device));
  }
  for (auto& norm : network->norms()) norm->set_momentum(0.1);
  network->train(was_training);
}

}  // namespace dsode::adapt
