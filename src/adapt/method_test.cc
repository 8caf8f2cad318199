#include "adapt/method.h"

#include <algorithm>
#include <type_traits>

#include "adapt/adapt.h"
#include "adapt/selector.h"
#include "base/fixture.h"

namespace dsode::adapt {
namespace {

// The target's labels cannot reach a method or a selector: none of the types that they are given has a place
// for them.
template <class Set>
concept HasLabels = requires(Set set) {
  set.labels;
};

static_assert(HasLabels<data::LabelledSet>, "the concept sees labels where there are some");
static_assert(!HasLabels<data::UnlabelledSet>);
static_assert(!HasLabels<data::Images>);
static_assert(std::is_same_v<decltype(Setting::target), const data::UnlabelledSet&>);
static_assert(std::is_invocable_v<decltype(&adapt), const AdaptOptions&, const AdaptContext&, model::Network&,
                                  const std::optional<Source>&, const data::UnlabelledSet&>);
static_assert(!std::is_convertible_v<data::LabelledSet, data::UnlabelledSet>,
              "labels are dropped by name only");
static_assert(!HasLabels<decltype(Evidence::target)>);

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& info : methods()) all.push_back(info.name);
  return all;
}

TEST(Methods, RegisterThemselvesInOrder) {
  const auto all = names();
  EXPECT_TRUE(std::ranges::is_sorted(all));
  for (const char* name : {"source-only", "adabn", "mmd", "coral", "dann", "shot"})
    EXPECT_NE(std::ranges::find(all, name), all.end()) << name;
}

TEST(Methods, NameAPaperAndASelectorThatThereIs) {
  for (const auto& info : methods()) {
    EXPECT_FALSE(info.paper.empty()) << info.name;
    EXPECT_EQ(find_selector(info.selector).name, info.selector) << info.name;
    EXPECT_NE(info.make, nullptr) << info.name;
  }
}

TEST(Methods, UnknownNameSuggestsTheNearest) {
  EXPECT_TRUE(says(error_of([] { find_method("shoot"); }), "--method", "'shoot'", "'shot'"));
}

ir::ModelSpec tiny_spec() {
  ir::ModelOverrides overrides;
  overrides.widths = {{4, 6}};
  overrides.steps = 2;
  overrides.input = {{12, 12, 1}};
  ir::ModelSpec spec = ir::make_spec("dsodenet-t", overrides);
  spec.classes = {"a", "b", "c"};
  return spec;
}

data::UnlabelledSet grey_noise(int n) {
  data::UnlabelledSet set{"noise", {n, {12, 12, 1}, std::vector<uint8_t>(static_cast<size_t>(n) * 144)}};
  Rng rng(1, Stream::kSample);
  for (auto& pixel : set.images.pixels) pixel = static_cast<uint8_t>(rng.below(256));
  return set;
}

TEST(Adapt, KeepsTheSourceModelAsFirstCandidateAndLeavesItAsItWas) {
  torch::manual_seed(1);
  model::Network network(tiny_spec());
  network->eval();
  std::vector<torch::Tensor> before;
  for (const auto& p : network->parameters()) before.push_back(p.detach().clone());
  AdaptOptions options;
  options.epochs = 1;
  const AdaptResult result = adapt(options, {}, network, std::nullopt, grey_noise(80));
  ASSERT_EQ(result.candidates.size(), 2u);
  EXPECT_EQ(result.candidates[0].name, "source-only");
  bool moved = false;
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(before[i].equal(network->parameters()[i]));
    EXPECT_TRUE(before[i].equal(result.candidates[0].network->parameters()[i]));
    moved |= !before[i].equal(result.candidates[1].network->parameters()[i]);
  }
  EXPECT_TRUE(moved);
}

TEST(Adapt, AMethodOfTwoDomainsAsksForTheSource) {
  model::Network network(tiny_spec());
  AdaptOptions options;
  options.method = "coral";
  EXPECT_TRUE(says(error_of([&] { adapt(options, {}, network, std::nullopt, grey_noise(80)); }), "--source",
                   "coral"));
  options.method = "shot";
  options.select = "source-val";
  EXPECT_TRUE(says(error_of([&] { adapt(options, {}, network, std::nullopt, grey_noise(80)); }), "--source",
                   "source-val"));
}

}  // namespace
}  // namespace dsode::adapt
