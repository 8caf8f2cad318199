// The data sets known by name, and where their files lie.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace dsode::data {

struct NamedSet {
  std::string name;
  std::string title;
  std::vector<std::string> classes;
  std::string remedy;  // what to do where it is missing
};

// All of them; a new set is one row of the table in registry.cc.
const std::vector<NamedSet>& named_sets();

// nullptr where there is none.
const NamedSet* find_named_set(const std::string& name);

// Paths without the ".gz" that the files may end in; see find_idx().
struct IdxPair {
  std::filesystem::path images, labels;
};

// The files of a split in the first of `data_dirs` that holds any of the set, as
// `<set>-<split>-images.idx[.gz]` or, as MNIST and Fashion-MNIST are published,
// `<set>/{train,t10k}-images-idx3-ubyte[.gz]`. Throws bad_input with the folders searched and the set's
// remedy.
IdxPair locate(const NamedSet& set, Split split, std::span<const std::filesystem::path> data_dirs);

const char* split_name(Split split);  // "train" or "test"

}  // namespace dsode::data
