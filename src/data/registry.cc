#include "data/registry.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "data/idx.h"

namespace dsode::data {

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

std::vector<NamedSet> make_table() {
  const Names digits{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  const Names clothes{"t-shirt", "trouser", "pullover", "dress", "coat",
                      "sandal",  "shirt",   "sneaker",  "bag",   "boot"};
  const Names office{"backpack", "bike",    "calculator", "headphones", "keyboard",
                     "laptop",   "monitor", "mouse",      "mug",        "projector"};
  const Names pacs{"dog", "elephant", "giraffe", "guitar", "horse", "house", "person"};
  const Names cifar{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
  const std::string copy = "put its IDX files into one of the data folders, or name theirs with --data-dir";
  return {
      {"fashion-mnist", "clothes, 28x28 grey (Debian: dataset-fashion-mnist)", clothes,
       "apt-get install dataset-fashion-mnist"},
      {"mnist", "handwritten digits, 28x28 grey", digits, copy},
      {"usps", "digits of zip codes, 16x16 grey", digits, copy},
      {"mnistm", "MNIST digits blended into photographs, 32x32 colour", digits, copy},
      {"optdigits", "UCI handwritten digits, 8x8 grey", digits, copy},
      {"office10-amazon", "office things in a web shop, 64x64 colour", office, copy},
      {"office10-caltech", "office things of Caltech-256, 64x64 colour", office, copy},
      {"office10-dslr", "office things by a reflex camera, 64x64 colour", office, copy},
      {"office10-webcam", "office things by a web camera, 64x64 colour", office, copy},
      {"pacs-art", "PACS, paintings, 32x32 colour", pacs, copy},
      {"pacs-cartoon", "PACS, cartoons, 32x32 colour", pacs, copy},
      {"pacs-photo", "PACS, photographs, 32x32 colour", pacs, copy},
      {"pacs-sketch", "PACS, sketches, 32x32 colour", pacs, copy},
      {"cifar10", "CIFAR-10 photographs, 32x32 colour", cifar, copy},
  };
}

// The two ways in which a set's files may be laid out in a data folder.
std::array<IdxPair, 2> layouts(const fs::path& dir, const std::string& set, Split split) {
  const std::string flat = fmt::format("{}-{}", set, split_name(split));
  const std::string published = split == Split::kTrain ? "train" : "t10k";
  return {IdxPair{dir / (flat + "-images.idx"), dir / (flat + "-labels.idx")},
          IdxPair{dir / set / (published + "-images-idx3-ubyte"),
                  dir / set / (published + "-labels-idx1-ubyte")}};
}

std::optional<IdxPair> find_split(const fs::path& dir, const std::string& set, Split split) {
  for (const IdxPair& pair : layouts(dir, set, split))
    if (find_idx(pair.images)) return pair;
  return std::nullopt;
}

bool holds(const fs::path& dir, const std::string& set) {
  return find_split(dir, set, Split::kTrain) || find_split(dir, set, Split::kTest);
}

// The first folder that holds any split, so that the splits of a set never come from two copies of it.
const fs::path* find_dir(std::span<const fs::path> dirs, const std::string& set) {
  const auto it =
      std::find_if(dirs.begin(), dirs.end(), [&](const fs::path& dir) { return holds(dir, set); });
  return it == dirs.end() ? nullptr : &*it;
}

}  // namespace

const char* split_name(Split split) { return split == Split::kTrain ? "train" : "test"; }

const std::vector<NamedSet>& named_sets() {
  static const std::vector<NamedSet> table = make_table();
  return table;
}

const NamedSet* find_named_set(const std::string& name) {
  const auto& sets = named_sets();
  const auto it =
      std::find_if(sets.begin(), sets.end(), [&](const NamedSet& set) { return set.name == name; });
  return it == sets.end() ? nullptr : &*it;
}

IdxPair locate(const NamedSet& set, Split split, std::span<const fs::path> data_dirs) {
  const fs::path* dir = find_dir(data_dirs, set.name);
  if (dir == nullptr) {
    Names searched;
    for (const fs::path& path : data_dirs) searched.push_back(path.string());
    throw bad_input(
        fmt::format("data set '{}' is in none of the data folders: {}", set.name, fmt::join(searched, ", ")),
        set.remedy);
  }
  if (auto pair = find_split(*dir, set.name, split)) return *pair;
  throw bad_input(fmt::format("{}: holds data set '{}', but not its split '{}'", dir->string(), set.name,
                              split_name(split)),
                  fmt::format("add {}.gz", layouts(*dir, set.name, split)[0].images.string()));
}

std::vector<SetInfo> list_sets(const std::vector<fs::path>& data_dirs) {
  std::vector<SetInfo> infos;
  for (const NamedSet& set : named_sets()) {
    const fs::path* dir = find_dir(data_dirs, set.name);
    infos.push_back({set.name, set.title, dir != nullptr, dir != nullptr ? *dir : fs::path(), set.remedy});
  }
  return infos;
}

}  // namespace dsode::data
