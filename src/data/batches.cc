#include "data/batches.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <numeric>
#include <stop_token>
#include <thread>

#include "base/error.h"

namespace dsode::data {

namespace {

// Batches made ahead of the consumer.
constexpr size_t kAhead = 3;

// x = (u8/255 - mean[c]) / std[c] for every u8: one table a channel.
using Tables = std::vector<std::array<float, 256>>;

Tables make_tables(const Normalization& normalization, int channels) {
  DSODE_CHECK(normalization.mean.size() == static_cast<size_t>(channels) &&
                  normalization.std.size() == static_cast<size_t>(channels),
              "normalization of {} and {} channels for images of {}", normalization.mean.size(),
              normalization.std.size(), channels);
  Tables tables(static_cast<size_t>(channels));
  for (size_t c = 0; c < tables.size(); ++c)
    for (int value = 0; value < 256; ++value)
      tables[c][static_cast<size_t>(value)] =
          (static_cast<float>(value) / 255.0f - normalization.mean[c]) / normalization.std[c];
  return tables;
}

std::vector<int> pass_order(int n, std::span<const int> subset, const BatchOptions& options) {
  std::vector<int> order(subset.begin(), subset.end());
  if (order.empty()) {
    order.resize(static_cast<size_t>(n));
    std::iota(order.begin(), order.end(), 0);
  }
  if (options.shuffle) Rng(options.seed, Stream::kShuffle, options.epoch).shuffle(std::span(order));
  return order;
}

int count_batches(size_t images, const BatchOptions& options) {
  DSODE_CHECK(options.batch_size > 0 && options.first_batch >= 0, "batch_size {}, first_batch {}",
              options.batch_size, options.first_batch);
  const auto size = static_cast<size_t>(options.batch_size);
  return static_cast<int>(options.drop_last ? images / size : (images + size - 1) / size);
}

}  // namespace

// The maker thread fills `ready`, which holds kAhead batches at most; next() takes from it and gives the
// caller's old buffers back through `empty`.
struct BatchStream::State {
  State(const Images& images, std::span<const int> labels, std::span<const int> subset, BatchOptions options);
  void run(const std::stop_token& stop);
  void fill(int number, Batch& batch);
  bool next(Batch& batch);

  const Images& images;
  const std::span<const int> labels;
  const BatchOptions options;
  const std::vector<int> order;
  const Tables tables;
  const int batches;
  std::vector<uint8_t> augmented;

  std::mutex mutex;
  std::condition_variable_any changed;
  std::deque<Batch> ready, empty;  // guarded by mutex, as all below
  bool done = false;
  std::exception_ptr error;
  std::jthread maker;  // last: joined before what it uses goes
};

BatchStream::State::State(const Images& images_, std::span<const int> labels_, std::span<const int> subset,
                          BatchOptions options_)
    : images(images_),
      labels(labels_),
      options(std::move(options_)),
      order(pass_order(images.n, subset, options)),
      tables(make_tables(options.normalization, images.shape.c)),
      batches(count_batches(order.size(), options)),
      augmented(images.shape.size()) {
  DSODE_CHECK(labels.empty() || labels.size() == static_cast<size_t>(images.n), "{} labels for {} images",
              labels.size(), images.n);
  for (int index : order) DSODE_CHECK(index >= 0 && index < images.n, "position {} of {}", index, images.n);
  check_augmentation(options.augment);
  maker = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void BatchStream::State::run(const std::stop_token& stop) try {
  for (int number = options.first_batch; number < batches; ++number) {
    Batch batch;
    {
      std::unique_lock lock(mutex);
      if (!changed.wait(lock, stop, [this] { return ready.size() < kAhead; })) return;
      if (!empty.empty()) {
        batch = std::move(empty.front());
        empty.pop_front();
      }
    }
    fill(number, batch);
    std::lock_guard lock(mutex);
    ready.push_back(std::move(batch));
    changed.notify_all();
  }
  std::lock_guard lock(mutex);
  done = true;
  changed.notify_all();
} catch (...) {
  std::lock_guard lock(mutex);
  error = std::current_exception();
  changed.notify_all();
}

void BatchStream::State::fill(int number, Batch& batch) {
  const size_t begin = static_cast<size_t>(number) * static_cast<size_t>(options.batch_size);
  const size_t count = std::min(static_cast<size_t>(options.batch_size), order.size() - begin);
  const size_t values = images.shape.size(), channels = tables.size();
  const bool plain = options.augment == "none";
  batch.n = static_cast<int>(count);
  batch.pixels.resize(count * values);
  batch.labels.resize(labels.empty() ? 0 : count);
  batch.indices.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const int index = order[begin + i];
    batch.indices[i] = index;
    if (!labels.empty()) batch.labels[i] = labels[static_cast<size_t>(index)];
    std::span<const uint8_t> from = images[index];
    if (!plain) {
      // Views of one epoch must differ from one another and from those of other epochs.
      Rng rng(options.seed, Stream::kAugment, options.epoch | options.view << 32,
              static_cast<uint64_t>(index));
      augment(options.augment, images.shape, from, augmented, rng);
      from = augmented;
    }
    float* to = batch.pixels.data() + i * values;
    for (size_t p = 0; p < values; p += channels)
      for (size_t c = 0; c < channels; ++c) to[p + c] = tables[c][from[p + c]];
  }
}

bool BatchStream::State::next(Batch& batch) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return !ready.empty() || done || error; });
  if (ready.empty()) {
    if (error) std::rethrow_exception(error);
    return false;
  }
  if (empty.size() < kAhead) empty.push_back(std::move(batch));
  batch = std::move(ready.front());
  ready.pop_front();
  changed.notify_all();
  return true;
}

BatchStream::BatchStream(const Images& images, std::span<const int> labels, std::span<const int> subset,
                         BatchOptions options)
    : state_(std::make_unique<State>(images, labels, subset, std::move(options))) {}
BatchStream::~BatchStream() = default;
BatchStream::BatchStream(BatchStream&&) noexcept = default;
BatchStream& BatchStream::operator=(BatchStream&&) noexcept = default;

bool BatchStream::next(Batch& batch) { return state_->next(batch); }
int BatchStream::batches() const { return state_->batches; }

Normalization measure_normalization(const Images& images) {
  const auto channels = static_cast<size_t>(images.shape.c);
  std::vector<std::array<uint64_t, 256>> counts(channels);
  for (size_t p = 0; p + channels <= images.pixels.size(); p += channels)
    for (size_t c = 0; c < channels; ++c) ++counts[c][images.pixels[p + c]];
  Normalization result;
  for (const auto& histogram : counts) {
    double n = 0, sum = 0, squares = 0;
    for (size_t value = 0; value < 256; ++value) {
      const double count = static_cast<double>(histogram[value]), x = static_cast<double>(value) / 255;
      n += count;
      sum += count * x;
      squares += count * x * x;
    }
    const double mean = n > 0 ? sum / n : 0, variance = n > 0 ? squares / n - mean * mean : 1;
    result.mean.push_back(static_cast<float>(mean));
    // A constant channel is divided by one step of u8, not by zero.
    result.std.push_back(static_cast<float>(std::sqrt(std::max(variance, 1.0 / (255 * 255)))));
  }
  return result;
}

SplitIndices stratified_split(std::span<const int> labels, int classes, double fraction, uint64_t seed) {
  DSODE_CHECK(fraction >= 0 && fraction < 1, "fraction {}", fraction);
  std::vector<std::vector<int>> members(static_cast<size_t>(classes));
  for (size_t i = 0; i < labels.size(); ++i)
    members.at(static_cast<size_t>(labels[i])).push_back(static_cast<int>(i));
  SplitIndices split;
  for (size_t k = 0; k < members.size(); ++k) {
    auto& all = members[k];
    Rng(seed, Stream::kSplit, 0, k).shuffle(std::span(all));
    auto held = static_cast<size_t>(std::lround(fraction * static_cast<double>(all.size())));
    if (fraction > 0 && all.size() >= 2) held = std::clamp<size_t>(held, 1, all.size() - 1);
    held = std::min(held, all.size() > 0 ? all.size() - 1 : 0);
    split.validation.insert(split.validation.end(), all.begin(), all.begin() + static_cast<ptrdiff_t>(held));
    split.train.insert(split.train.end(), all.begin() + static_cast<ptrdiff_t>(held), all.end());
  }
  std::ranges::sort(split.train);
  std::ranges::sort(split.validation);
  return split;
}

}  // namespace dsode::data
