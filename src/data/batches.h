// Batches of normalised floats for training and evaluation, made ahead on a second thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/augment.h"
#include "data/dataset.h"

namespace dsode::data {

// Mean and standard deviation of a set, per channel, in units of 1/255.
Normalization measure_normalization(const Images& images);

struct Batch {
  int n = 0;
  std::vector<float> pixels;     // [n,H,W,C] normalised
  std::vector<int64_t> labels;   // [n], empty where the set has none
  std::vector<int64_t> indices;  // [n] positions in the set
};

struct BatchOptions {
  int batch_size = 64;
  bool shuffle = false;
  bool drop_last = false;        // skip a last batch smaller than batch_size
  std::string augment = "none";  // see augment.h
  Normalization normalization;
  uint64_t seed = 1;
  uint64_t epoch = 0;
  int first_batch = 0;  // start here, for resuming inside an epoch
  uint64_t view = 0;    // another view of the same batch order: other augmentation draws
};

// One pass over `subset` (positions in `images`; all of them where empty). The order depends on (seed,
// epoch), each image's augmentation on (seed, epoch, index, view): neither on batch_size nor on first_batch.
// `images` and `labels` must outlive the stream; `subset` is copied. Throws bad_input for an unknown
// augmentation.
class BatchStream {
 public:
  BatchStream(const Images& images, std::span<const int> labels, std::span<const int> subset,
              BatchOptions options);
  ~BatchStream();
  BatchStream(BatchStream&&) noexcept;
  BatchStream& operator=(BatchStream&&) noexcept;

  // False at the end of the pass. The buffers that `batch` holds are used again: pass the same one every
  // time.
  bool next(Batch& batch);
  int batches() const;  // in a whole pass

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Two disjoint parts of [0, labels.size()), the second holding `fraction` of each class (at least one image
// of a class that has two), drawn by seed.
struct SplitIndices {
  std::vector<int> train, validation;
};
SplitIndices stratified_split(std::span<const int> labels, int classes, double fraction, uint64_t seed);

}  // namespace dsode::data
