#include "train/trainer.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "data/subset.h"
#include "eval/metrics.h"
#include "model/checkpoint.h"
#include "train/ema.h"
#include "train/optimizer.h"
#include "train/tensorboard.h"
#include "train/tensors.h"
#include "train/torch_engine.h"

namespace dsode::train {

namespace {

// Where a run stands; together with weights and optimiser state all that a resumed run needs.
struct Position {
  int epoch = 0;     // running or next
  int batch = 0;     // batches done in it
  int64_t step = 0;  // batches done in all
  double loss_sum = 0;
  int64_t seen = 0, right = 0;
  double best_accuracy = -1;
  int best_right = 0, best_epoch = -1;
  double seconds = 0;
  int64_t images = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Position, epoch, batch, step, loss_sum, seen, right, best_accuracy,
                                   best_right, best_epoch, seconds, images)

class Trainer {
 public:
  Trainer(const TrainOptions& options, const TrainContext& context, const data::LabelledSet& source,
          const RunFolder& folder);
  TrainResult run();

 private:
  void resume();
  void save_last();
  void run_epoch();
  void finish_epoch();
  void train_batch(data::Batch& batch);
  bool should_stop() const;
  SplitKey split_key() const { return {seed_, options_.validation}; }
  int batches() const { return static_cast<int>(split_.train.size()) / batch_size_; }

  const TrainOptions& options_;
  const data::LabelledSet& source_;
  const RunFolder& folder_;
  uint64_t seed_;
  torch::Device device_;
  data::SplitIndices split_;
  data::LabelledSet validation_;
  int batch_size_;
  std::string augment_;
  model::Network network_{nullptr};
  model::Network average_{nullptr};  // where ema > 0
  std::optional<Optimizer> optimizer_;
  std::optional<MetricsLog> metrics_;
  std::optional<EventWriter> events_;
  Position at_;
};

Trainer::Trainer(const TrainOptions& options, const TrainContext& context, const data::LabelledSet& source,
                 const RunFolder& folder)
    : options_(options),
      source_(source),
      folder_(folder),
      seed_(context.seed),
      device_(parse_device(context.device)),
      split_(data::stratified_split(source.labels, static_cast<int>(source.classes.size()),
                                    options.validation, context.seed)),
      validation_(data::subset(source, split_.validation)),
      augment_(resolve_augment(options.augment, spec_for(options, source))) {
  batch_size_ = std::min(options.batch_size, static_cast<int>(split_.train.size()));
  if (batch_size_ < 2)
    throw bad_input(fmt::format("--data {}: {} training images", source.name, split_.train.size()),
                    "give more images");
  if (split_.validation.empty())
    throw bad_input(
        fmt::format("--validation: {} of {} leaves no image to choose by", options.validation, source.name),
        "give more images, at least two of a class");
  torch::manual_seed(seed_);
  network_ = model::Network(spec_for(options, source));
  network_->to(device_);
  set_gradient(network_, options.gradient, options.kernels);
  if (options.ema > 0) average_ = model::clone(network_);
  optimizer_.emplace(network_->parameters(), options.optimizer, int64_t{options.epochs} * batches());
  if (context.resume) resume();
  metrics_.emplace(folder.metrics(), at_.epoch);
  events_.emplace(folder.dir());
}

void Trainer::resume() {
  const ir::SafeTensors file = ir::load_safetensors(folder_.last());
  ir::check_same_architecture(ir::checkpoint_spec(file), network_->spec(), file.origin);
  model::restore(network_, "", file);
  if (average_) model::restore(average_, "ema.", file);
  optimizer_->restore(file.at("optimizer").as<uint8_t>(), file.origin);
  const auto state = file.metadata.find("position");
  const auto json = nlohmann::json::parse(state == file.metadata.end() ? "" : state->second, nullptr, false);
  try {
    at_ = json.get<Position>();
  } catch (const nlohmann::json::exception&) {
    at_.step = -1;
  }
  const bool whole = at_.epoch >= 0 && at_.batch >= 0 && at_.batch <= batches();
  if (!whole || at_.step != int64_t{at_.epoch} * batches() + at_.batch)
    throw bad_input(fmt::format("{}: metadata: position: not one of this run", file.origin),
                    "use the run's own --data, --limit and --batch-size, or start anew with --force");
  spdlog::info("resuming at epoch {}, step {}", at_.epoch + 1, at_.step);
}

void Trainer::save_last() {
  ir::SafeTensors file;
  model::store(network_, "", file);
  file.metadata = model::metadata(network_);
  file.metadata["split"] = split_text(split_key());
  file.metadata["position"] = nlohmann::json(at_).dump();
  if (average_) model::store(average_, "ema.", file);
  const auto state = optimizer_->state();
  file.tensors["optimizer"] =
      ir::Tensor::of(std::span<const uint8_t>(state), {static_cast<int64_t>(state.size())});
  ir::save_safetensors(folder_.last(), file);
}

void Trainer::train_batch(data::Batch& batch) {
  const torch::Tensor target = labels(batch, device_);
  const torch::Tensor logits = network_->forward(pixels(batch, source_.images.shape, device_));
  const torch::Tensor loss = torch::nn::functional::cross_entropy(
      logits, target,
      torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options_.label_smoothing));
  const double value = loss.item<double>();
  if (!std::isfinite(value))
    throw failed(fmt::format("training: the loss is {} at epoch {}, step {}", value, at_.epoch + 1, at_.step),
                 fmt::format("lower --lr (now {}) or set --clip{}", options_.optimizer.lr,
                             at_.epoch > 0 ? "; best.safetensors is of an epoch before" : ""));
  loss.backward();
  optimizer_->step(at_.step);
  if (average_) update_average(average_, network_, options_.ema);
  at_.loss_sum += value * batch.n;
  at_.right += logits.argmax(1).eq(target).sum().item<int64_t>();
  at_.seen += batch.n;
  ++at_.batch;
  ++at_.step;
}

void Trainer::run_epoch() {
  network_->train();
  data::BatchStream stream(source_.images, source_.labels, split_.train,
                           {.batch_size = batch_size_,
                            .shuffle = true,
                            .drop_last = true,
                            .augment = augment_,
                            .normalization = network_->spec().normalization,
                            .seed = seed_,
                            .epoch = static_cast<uint64_t>(at_.epoch),
                            .first_batch = at_.batch});
  Progress progress(fmt::format("epoch {}/{}", at_.epoch + 1, options_.epochs), "images",
                    int64_t{batches() - at_.batch} * batch_size_);
  const auto account = [&, images = at_.images, seconds = at_.seconds, seen = at_.seen] {
    at_.images = images + at_.seen - seen;
    at_.seconds = seconds + progress.seconds();
  };
  for (data::Batch batch; stream.next(batch);) {
    train_batch(batch);
    progress.advance(batch.n, fmt::format("loss {:.3f}", at_.loss_sum / static_cast<double>(at_.seen)));
    if (interrupted()) {
      account();
      save_last();
      throw Error(
          Code::kInterrupted,
          fmt::format("interrupted at epoch {}, step {}; the state is saved", at_.epoch + 1, at_.step),
          fmt::format("go on with --resume --out {}", folder_.dir().string()));
    }
  }
  account();
}

void Trainer::finish_epoch() {
  model::Network& candidate = average_ ? average_ : network_;
  const eval::Score score = eval::score(eval::predictions(TorchEngine(candidate).run(validation_.images)),
                                        validation_.labels, network_->spec().classes_count());
  const Json line{{"epoch", at_.epoch + 1},
                  {"loss", at_.loss_sum / static_cast<double>(at_.seen)},
                  {"train_accuracy", 100.0 * static_cast<double>(at_.right) / static_cast<double>(at_.seen)},
                  {"validation_accuracy", score.accuracy()},
                  {"lr", optimizer_->rate(at_.step - 1)},
                  {"images_per_second", static_cast<double>(at_.images) / at_.seconds}};
  if (score.accuracy() > at_.best_accuracy) {
    at_.best_accuracy = score.accuracy();
    at_.best_right = score.right;
    at_.best_epoch = at_.epoch;
    model::save_checkpoint(candidate, folder_.best(), {{"split", split_text(split_key())}});
  }
  spdlog::info("epoch {}/{}  loss {:.3f}  train {:.2f} %  validation {:.2f} %  {:.0f} images/s",
               at_.epoch + 1, options_.epochs, line["loss"].get<double>(),
               line["train_accuracy"].get<double>(), score.accuracy(),
               line["images_per_second"].get<double>());
  for (const auto& [tag, value] : line.items())
    if (tag != "epoch") events_->scalar("train/" + tag, value.get<double>(), at_.epoch + 1);
  events_->flush();
  metrics_->append(line);
  ++at_.epoch;
  at_.batch = 0;
  at_.loss_sum = 0;
  at_.seen = at_.right = 0;
  save_last();
}

bool Trainer::should_stop() const {
  return options_.patience > 0 && at_.epoch - 1 - at_.best_epoch >= options_.patience;
}

TrainResult Trainer::run() {
  while (at_.epoch < options_.epochs && !should_stop()) {
    run_epoch();
    finish_epoch();
  }
  return {.accuracy = at_.best_accuracy,
          .best_epoch = at_.best_epoch + 1,
          .epochs = at_.epoch,
          .seconds = at_.seconds,
          .images_per_second = at_.seconds > 0 ? static_cast<double>(at_.images) / at_.seconds : 0,
          .validation_images = validation_.images.n,
          .validation_right = at_.best_right};
}

}  // namespace

std::string split_text(const SplitKey& key) {
  return Json{{"seed", key.seed}, {"validation", key.validation}}.dump();
}

SplitKey read_split(const ir::SafeTensors& file) {
  const auto text = file.metadata.find("split");
  const Json json = Json::parse(text == file.metadata.end() ? "" : text->second, nullptr, false);
  try {
    return {json.at("seed").get<uint64_t>(), json.at("validation").get<double>()};
  } catch (const Json::exception&) {
    throw bad_input(fmt::format("{}: metadata: no valid split", file.origin),
                    "name a checkpoint of `dsodenet train`");
  }
}

ir::ModelSpec spec_for(const TrainOptions& options, const data::LabelledSet& source) {
  ir::ModelSpec spec = ir::make_spec(options.model, options.overrides);
  spec.classes = source.classes;
  spec.normalization = data::measure_normalization(source.images);
  ir::validate(spec, "--data " + source.name);
  return spec;
}

TrainResult train(const TrainOptions& options, const TrainContext& context, const data::LabelledSet& source,
                  const RunFolder& folder) {
  validate(options);
  keep_allocator_warm();
  return Trainer(options, context, source, folder).run();
}

}  // namespace dsode::train
