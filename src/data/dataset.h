// Image sets in memory. Labels exist only in LabelledSet: code that takes an UnlabelledSet cannot see any.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/pixels.h"

namespace dsode::data {

// [N,H,W,C] unsigned bytes, interleaved.
struct Images {
  int n = 0;
  Shape shape;
  std::vector<uint8_t> pixels;
  std::span<const uint8_t> operator[](int i) const {
    return {pixels.data() + i * shape.size(), shape.size()};
  }
  std::span<uint8_t> operator[](int i) { return {pixels.data() + i * shape.size(), shape.size()}; }
};

// A set with one label in [0, classes.size()) an image.
struct LabelledSet {
  std::string name;  // the spec it was loaded from
  Images images;
  std::vector<int> labels;
  std::vector<std::string> classes;
};

// A set whose labels were never read.
struct UnlabelledSet {
  std::string name;
  Images images;
};

// Drops the labels.
UnlabelledSet without_labels(LabelledSet set);

enum class Split { kTrain, kTest };

struct LoadOptions {
  std::vector<std::filesystem::path> data_dirs;  // searched in order; see default_data_dirs()
  Split default_split = Split::kTest;            // for a spec without ":train" or ":test"
  std::optional<Shape> shape;                    // convert to this shape, and log that it was done
  uint64_t seed = 1;                             // of the random shifts in the spec
  int limit = 0;                                 // keep the first `limit` images (0: all)
};

// Data search list (contract): `option` if not empty, then $DSODENET_DATA (colon-separated), then ./data,
// then /usr/share/datasets.
std::vector<std::filesystem::path> default_data_dirs(const std::string& option);

// A data set by its spec (contract): `set`, `set:split`, `folder:PATH`, `idx:PREFIX`, `cifar10-bin:PATH`,
// `svhn:PATH`, each followed by a range where only a part is meant (`[0:1000]`, `[70%:100%]`; see spec.h) and
// any number of `+shift` or `+shiftN`. Throws bad_input naming file, field and remedy.
LabelledSet load_labelled(const std::string& spec, const LoadOptions& options);
// The same without touching any label file; a flat folder of pictures is accepted.
UnlabelledSet load_unlabelled(const std::string& spec, const LoadOptions& options);

// The classes of a set by its spec; none where the set has no labels.
std::vector<std::string> class_names(const std::string& spec, const LoadOptions& options);

// A set that `dsodenet data` lists: found in the data folders, or by the package that would bring it.
struct SetInfo {
  std::string name;
  std::string title;
  bool available = false;
  std::filesystem::path dir;
  std::string remedy;  // what to do where it is missing
};
std::vector<SetInfo> list_sets(const std::vector<std::filesystem::path>& data_dirs);

// Centre square crop where the aspect differs, area or bicubic resize, Rec. 601 grey or repeated channels:
// the one resize rule ("square-area") that artifacts carry.
Images convert(const Images& images, Shape shape);

}  // namespace dsode::data
