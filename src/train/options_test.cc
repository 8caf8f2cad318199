#include "train/options.h"

#include "base/fixture.h"
#include "train/optimizer.h"

namespace dsode::train {
namespace {

OptimizerOptions schedule(const std::string& name, double warmup = 0) {
  OptimizerOptions options;
  options.schedule = name;
  options.warmup = warmup;
  return options;
}

TEST(Schedule, WarmsUpLinearlyFromTheFirstStep) {
  const auto options = schedule("constant", 0.1);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 0, 100), 0.1);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 4, 100), 0.5);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 9, 100), 1);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 99, 100), 1);
}

TEST(Schedule, CosineFallsThroughAHalfToZero) {
  const auto options = schedule("cosine", 0.2);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 19, 100), 1);
  EXPECT_NEAR(schedule_factor(options, 59, 100), 0.5, 1e-12);
  EXPECT_NEAR(schedule_factor(options, 99, 100), 0, 1e-12);
}

TEST(Schedule, StepFallsAtAHalfAndThreeQuarters) {
  const auto options = schedule("step");
  EXPECT_EQ(schedule_factor(options, 48, 100), 1);
  EXPECT_EQ(schedule_factor(options, 49, 100), 0.1);
  EXPECT_EQ(schedule_factor(options, 73, 100), 0.1);
  EXPECT_EQ(schedule_factor(options, 74, 100), 0.01);
}

TEST(Schedule, StaysBetweenZeroAndOne) {
  for (const auto& name : kSchedules)
    for (int64_t total : {1, 2, 7, 100})
      for (int64_t step = 0; step < total; ++step) {
        const double factor = schedule_factor(schedule(name, 0.15), step, total);
        EXPECT_TRUE(factor >= 0 && factor <= 1) << name << " " << step << "/" << total << ": " << factor;
      }
}

TEST(Augment, AutoKnowsDigitsByTheirNamesAndColourByItsChannels) {
  ir::ModelSpec spec;
  spec.classes = {"0", "1", "10"};
  EXPECT_EQ(resolve_augment("auto", spec), "digits");
  spec.classes = {"t-shirt", "boot"};
  EXPECT_EQ(resolve_augment("auto", spec), "affine");
  spec.input.c = 3;
  EXPECT_EQ(resolve_augment("auto", spec), "crop-flip");
  EXPECT_EQ(resolve_augment("none", spec), "none");
}

template <class Change>
std::string error_after(const Change& change) {
  TrainOptions options;
  change(options);
  return error_of([&] { validate(options); });
}

TEST(TrainOptions, DefaultsAreValid) { validate(TrainOptions()); }

TEST(TrainOptions, ValuesOutOfRangeAreNamedByTheirFlag) {
  EXPECT_TRUE(says(error_after([](auto& o) { o.epochs = 0; }), "--epochs: 0"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.batch_size = 1; }), "--batch-size: 1"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.validation = 1; }), "--validation: 1"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.validation = 0; }), "--validation: 0"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.ema = 1; }), "--ema: 1"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.label_smoothing = -0.1; }), "--label-smoothing: -0.1"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.patience = -1; }), "--patience: -1"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.limit = -3; }), "--limit: -3"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.optimizer.lr = 0; }), "--lr: 0"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.optimizer.beta2 = 1; }), "--beta2: 1"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.optimizer.momentum = 1; }), "--momentum: 1"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.optimizer.weight_decay = -1; }), "--weight-decay: -1"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.optimizer.warmup = 1; }), "--warmup: 1"));
  EXPECT_TRUE(says(error_after([](auto& o) { o.optimizer.clip = -1; }), "--clip: -1"));
}

}  // namespace
}  // namespace dsode::train
