#include "adapt/self_training.h"
#include "data/subset.h"
#include "train/torch_engine.h"

namespace dsode::adapt {

namespace {

using torch::Tensor;

// Source hypothesis transfer: the features move until the fixed classifier is sure of the target, guided by
// the class of the nearest centroid, taken anew each epoch.
class Shot : public SelfTraining {
 public:
  explicit Shot(const Setting& setting)
      : SelfTraining(setting, setting.network, {setting.options.target_augment}) {}

 protected:
  void begin_epoch(int epoch) override {
    const auto drawn = setting().drawn(epoch);
    const data::Images& images = setting().target.images;
    const Tensor classes =
        centroid_labels(train::TorchEngine(setting().network).run(data::subset(images, drawn)));
    pseudo_ = torch::full({images.n}, -1, torch::kInt64);
    pseudo_.index_put_({torch::tensor(std::vector<int64_t>(drawn.begin(), drawn.end()))}, classes);
  }

  Tensor loss(const std::vector<Tensor>& views, const Tensor& indices) override {
    const Tensor logits = student()->forward(views[0]);
    const Tensor target = pseudo_.index_select(0, indices).to(setting().device);
    return information_loss(logits) + setting().weight * torch::nn::functional::cross_entropy(logits, target);
  }

 private:
  Tensor pseudo_;  // [N], -1 where the epoch did not draw the image
};

const RegisterMethod kRegistration(
    {.name = "shot",
     .paper =
         "information maximisation and centroid pseudo-labels, source-free (Liang et al., arXiv 2002.08546)",
     .weight = 0.3,
     .make = [](const Setting& s) -> std::unique_ptr<Method> { return std::make_unique<Shot>(s); }});

}  // namespace

}  // namespace dsode::adapt
