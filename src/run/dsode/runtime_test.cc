#include "run/dsode/runtime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <thread>

#include "base/fixture.h"
#include "ir/fixture.h"
#include "ir/int_fixture.h"

namespace {

std::atomic<int> allocations = 0;

}  // namespace

// Counted, in all of this program. GCC 12 warns of the pair where it inlines them.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace dsode {
namespace {

std::vector<uint8_t> model_file(const std::string& norm = "bn") {
  ir::ModelOverrides overrides;
  overrides.widths = std::vector{16, 32};
  overrides.input = std::vector{6, 5, 1};
  overrides.norm = norm;
  ir::ModelSpec spec = ir::make_spec("dsodenet-t", overrides);
  spec.classes = {"cat", "dog", "owl"};
  spec.normalization = {{0.4F}, {0.2F}};
  return ir::serialize(ir::RandomCheckpoint(spec).make());
}

std::vector<uint8_t> integer_file() {
  return ir::serialize(ir::integer::to_file(ir::integer::small_model()));
}

// A loaded model, freed at the end.
class Loaded {
 public:
  explicit Loaded(const std::vector<uint8_t>& file, int threads = 2, dsode_precision precision = DSODE_AUTO) {
    const dsode_options options{sizeof options, precision, threads};
    EXPECT_EQ(dsode_load_memory(file.data(), file.size(), &options, &model_), DSODE_OK) << dsode_error();
  }
  ~Loaded() { dsode_free(model_); }
  Loaded(const Loaded&) = delete;
  operator dsode_model*() const { return model_; }  // NOLINT(google-explicit-constructor)

 private:
  dsode_model* model_ = nullptr;
};

TEST(Runtime, TellsWhatAModelExpectsAndGives) {
  const Loaded model(model_file());
  const dsode_info* info = dsode_get_info(model);
  EXPECT_STREQ(info->name, "dsodenet-t");
  EXPECT_EQ(info->height, 6);
  EXPECT_EQ(info->width, 5);
  EXPECT_EQ(info->channels, 1);
  ASSERT_EQ(info->classes, 3);
  EXPECT_STREQ(info->class_names[2], "owl");
  EXPECT_EQ(info->precision, DSODE_FP32);
  EXPECT_STRNE(info->engine, "interpreter");
  EXPECT_STREQ(info->not_covered, "");
  EXPECT_EQ(info->threads, 2);

  EXPECT_EQ(dsode_get_info(Loaded(model_file(), 1, DSODE_BF16))->precision, DSODE_BF16);
  const Loaded interpreted(model_file("gn"), 1, DSODE_BF16);
  EXPECT_EQ(dsode_get_info(interpreted)->precision, DSODE_FP32);
  EXPECT_STREQ(dsode_get_info(interpreted)->engine, "interpreter");
  EXPECT_STREQ(dsode_get_info(interpreted)->not_covered, "operation stem.norm");
}

TEST(Runtime, GivesOneScoreAClassAndImageForBytesAndFloats) {
  for (const auto& file : {model_file(), model_file("gn"), integer_file()}) {
    const Loaded model(file);
    const dsode_info* info = dsode_get_info(model);
    const auto image = static_cast<size_t>(info->height * info->width * info->channels);
    std::vector<uint8_t> pixels(3 * image);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * i * 37);
    const std::vector<float> floats(pixels.begin(), pixels.end());
    std::vector<float> scores(3 * static_cast<size_t>(info->classes)), again(scores.size(), NAN);
    ASSERT_EQ(dsode_run_u8(model, 3, pixels.data(), pixels.size(), scores.data(), scores.size()), DSODE_OK);
    ASSERT_EQ(dsode_run_f32(model, 3, floats.data(), floats.size(), again.data(), again.size()), DSODE_OK);
    EXPECT_EQ(scores, again);
    for (const float score : scores) EXPECT_TRUE(std::isfinite(score));
  }
}

TEST(Runtime, AllocatesNothingWhereKernelsRun) {
  const Loaded model(model_file());
  const std::vector<uint8_t> pixels(5 * 30);
  std::vector<float> scores(5 * 3);
  for (const int images : {1, 5}) {
    const int before = allocations;
    ASSERT_EQ(dsode_run_u8(model, images, pixels.data(), static_cast<size_t>(images) * 30, scores.data(),
                           static_cast<size_t>(images) * 3),
              DSODE_OK);
    EXPECT_EQ(allocations, before);
  }
}

TEST(Runtime, ServesSeveralThreads) {
  const Loaded model(model_file());
  const auto scores_of = [&](uint8_t value) {
    const std::vector<uint8_t> pixels(30, value);
    std::vector<float> scores(3);
    EXPECT_EQ(dsode_run_u8(model, 1, pixels.data(), 30, scores.data(), 3), DSODE_OK);
    return scores;
  };
  std::vector<std::vector<float>> expected;
  for (uint8_t value = 0; value < 4; ++value) expected.push_back(scores_of(value));
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> callers;
  for (uint8_t value = 0; value < 4; ++value)
    callers.emplace_back([&, value] {
      for (int i = 0; i < 20; ++i) wrong += scores_of(value) != expected[value];
    });
  callers.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(Runtime, RefusesArgumentsWithWhatItExpected) {
  const Loaded model(model_file());
  std::vector<uint8_t> pixels(60);
  std::vector<float> floats(60), scores(6);
  const auto refused = [](dsode_status status, auto... pieces) {
    EXPECT_EQ(status, DSODE_BAD_INPUT);
    EXPECT_TRUE(says(std::string(dsode_error()), pieces...));
  };
  refused(dsode_run_u8(model, 2, pixels.data(), 59, scores.data(), 6),
          "pixel_count is 59 (2 images of 6x5x1 have 60)");
  refused(dsode_run_u8(model, 1, pixels.data(), 60, scores.data(), 3),
          "pixel_count is 60 (1 images of 6x5x1 have 30)");
  refused(dsode_run_u8(model, 2, pixels.data(), 60, scores.data(), 3),
          "score_count is 3 (2 images of 3 classes have 6)");
  refused(dsode_run_u8(model, -1, pixels.data(), 60, scores.data(), 6), "images is -1");
  refused(dsode_run_u8(model, 2, nullptr, 60, scores.data(), 6), "pixels is NULL");
  refused(dsode_run_u8(model, 2, pixels.data(), 60, nullptr, 6), "scores is NULL");
  refused(dsode_run_u8(nullptr, 2, pixels.data(), 60, scores.data(), 6), "model is NULL");
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    floats[47] = bad;
    refused(dsode_run_f32(model, 2, floats.data(), 60, scores.data(), 6), "at index 17 of image 1", "finite");
  }
  EXPECT_EQ(dsode_run_u8(model, 0, nullptr, 0, nullptr, 0), DSODE_OK);
}

TEST(Runtime, RefusesFilesAndOptionsByName) {
  const TempDir dir;
  const auto refusal = [](const std::string& path, dsode_options options) {
    dsode_model* model = reinterpret_cast<dsode_model*>(1);
    EXPECT_EQ(dsode_load(path.c_str(), &options, &model), DSODE_BAD_INPUT);
    EXPECT_EQ(model, nullptr);
    return std::string(dsode_error());
  };
  const std::string path = dir.write("model.safetensors", model_file());
  constexpr size_t kSize = sizeof(dsode_options);
  EXPECT_TRUE(says(refusal("no/such", {kSize, DSODE_AUTO, 1}), "no/such"));
  EXPECT_TRUE(
      says(refusal(path, {kSize, DSODE_INT8, 1}), path, "precision fp32, not int8", "dsodenet quantize"));
  EXPECT_TRUE(says(refusal(path, {kSize, static_cast<dsode_precision>(9), 1}), "precision is 9"));
  EXPECT_TRUE(says(refusal(path, {kSize, DSODE_AUTO, -1}), "threads is -1"));
  EXPECT_TRUE(says(refusal(path, {kSize, DSODE_AUTO, 1'000'000}), "threads is 1000000"));
  EXPECT_TRUE(says(refusal(path, {3, DSODE_AUTO, 1}), "size is 3"));
  EXPECT_EQ(dsode_load(path.c_str(), nullptr, nullptr), DSODE_BAD_INPUT);
  dsode_model* model = nullptr;
  EXPECT_EQ(dsode_load(nullptr, nullptr, &model), DSODE_BAD_INPUT);
  EXPECT_EQ(dsode_load_memory(nullptr, 9, nullptr, &model), DSODE_BAD_INPUT);
  EXPECT_EQ(dsode_load(dir.path().c_str(), nullptr, &model), DSODE_OK)
      << dsode_error();  // the folder of quantize
  dsode_free(model);
  dsode_free(nullptr);
  EXPECT_EQ(dsode_get_info(nullptr), nullptr);
}

// Why a file is refused; "" where it is a model, which then runs an image.
std::string refusal_of(std::span<const uint8_t> file) {
  const dsode_options options{sizeof options, DSODE_AUTO, 1};
  dsode_model* model = nullptr;
  if (const dsode_status status = dsode_load_memory(file.data(), file.size(), &options, &model)) {
    EXPECT_EQ(status, DSODE_BAD_INPUT);
    EXPECT_EQ(model, nullptr);
    return dsode_error();
  }
  const dsode_info* info = dsode_get_info(model);
  const std::vector<uint8_t> pixels(static_cast<size_t>(info->height * info->width * info->channels), 100);
  std::vector<float> scores(static_cast<size_t>(info->classes));
  EXPECT_EQ(dsode_run_u8(model, 1, pixels.data(), pixels.size(), scores.data(), scores.size()), DSODE_OK);
  dsode_free(model);
  return "";
}

size_t header_end(std::span<const uint8_t> file) {
  uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  return sizeof length + length;
}

TEST(Runtime, RefusesAFileCutAnywhere) {
  for (const auto& file : {model_file(), integer_file()})
    for (size_t size = 1; size < file.size(); size += size < header_end(file) ? 13 : 997)
      EXPECT_TRUE(says(refusal_of(std::span(file).first(size)), "the model: not a valid safetensors file"))
          << size;
}

TEST(Runtime, RunsAFileWithAFlippedBitOrRefusesItByName) {
  for (auto file : {model_file(), model_file("gn"), integer_file()}) {
    const size_t data = header_end(file);
    int refused = 0;
    for (size_t at = 0; at < file.size(); at += at < data ? 11 : 499)
      for (int bit = 0; bit < 8; ++bit) {
        file[at] ^= static_cast<uint8_t>(1 << bit);
        const std::string refusal = refusal_of(file);
        file[at] ^= static_cast<uint8_t>(1 << bit);
        EXPECT_TRUE(refusal.empty() || refusal.starts_with("the model: "))
            << "bit " << bit << " at " << at << ": " << refusal;
        refused += !refusal.empty();
      }
    EXPECT_GT(refused, 500);
  }
}

// Why a file is refused whose lowest bit behind that text is flipped.
std::string refusal_of_flip(std::vector<uint8_t> file, std::string_view text) {
  const auto found = std::ranges::search(file, text);
  EXPECT_FALSE(found.empty()) << text;
  *found.end() ^= 1;
  return refusal_of(file);
}

TEST(Runtime, NamesTheFieldWhoseBitIsFlipped) {
  const auto floats = model_file(), integers = integer_file();
  const std::string tensor = R"("classifier.weight":{"dtype":")";
  EXPECT_TRUE(says(refusal_of_flip(floats, tensor), "classifier.weight", "dtype"));
  EXPECT_TRUE(
      says(refusal_of_flip(floats, tensor + R"(F32","shape":[)"), "classifier.weight", "of shape [2, 32]"));
  EXPECT_TRUE(says(refusal_of_flip(floats, R"("classifier.w)"), "classifier.weight", "is missing"));
  EXPECT_TRUE(says(refusal_of_flip(floats, R"("format":")"), "format is esodenet-checkpoint/1"));
  EXPECT_TRUE(says(refusal_of_flip(floats, R"(\"solver\":\")"), "solver", "'duler'"));
  EXPECT_TRUE(says(refusal_of_flip(floats, R"(\"ste)"), "steps"));
  EXPECT_TRUE(says(refusal_of_flip(integers, R"(\"op\":\")"), "op: unknown value 'bonv'"));
  EXPECT_TRUE(says(refusal_of_flip(integers, R"(\"weight_bi)"), "weight_bits"));
}

}  // namespace
}  // namespace dsode
