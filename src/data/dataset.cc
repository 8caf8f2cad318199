#include "data/dataset.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/log.h"
#include "data/cifar.h"
#include "data/folder.h"
#include "data/idx.h"
#include "data/registry.h"
#include "data/spec.h"
#include "data/subset.h"
#include "data/svhn.h"

namespace dsode::data {

namespace fs = std::filesystem;

namespace {

enum class Labels { kRead, kSkip };

// What a source holds; `labels` stays empty under kSkip. `labels_file` is for messages.
struct RawSet {
  Images images;
  std::vector<int> labels;
  std::vector<std::string> classes;
  std::string labels_file;
};

template <class T>
std::vector<T> pick(const std::vector<T>& items, const std::vector<int>& positions) {
  std::vector<T> picked;
  for (int i : positions) picked.push_back(items[static_cast<size_t>(i)]);
  return picked;
}

std::vector<std::string> numbered_classes(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

RawSet read_idx_pair(const IdxPair& pair, Labels labels) {
  const auto required = [](const fs::path& path) {
    if (const auto file = find_idx(path)) return *file;
    throw bad_input(fmt::format("{}.gz: no such file, nor without .gz", path.string()),
                    "idx:PREFIX means the files PREFIX-images.idx.gz and PREFIX-labels.idx.gz");
  };
  RawSet raw;
  raw.images = read_idx_images(required(pair.images));
  if (labels == Labels::kSkip) return raw;
  const fs::path file = required(pair.labels);
  raw.labels = read_idx_labels(file);
  raw.labels_file = file.string();
  raw.classes = numbered_classes(*std::max_element(raw.labels.begin(), raw.labels.end()) + 1);
  return raw;
}

RawSet read_named(const Spec& spec, Split split, const LoadOptions& options, Labels labels) {
  const NamedSet& set = *find_named_set(spec.set);
  RawSet raw = read_idx_pair(locate(set, split, options.data_dirs), labels);
  raw.classes = set.classes;
  return raw;
}

RawSet read_folder(const Spec& spec, const LoadOptions& options, Labels labels) {
  PictureList list = list_pictures(spec.path);
  if (labels == Labels::kRead && list.classes.empty())
    throw bad_input(fmt::format("{}: pictures without class folders, so without labels", spec.path.string()),
                    "put the pictures of each class into a folder of its own: PATH/<class>/*.png");
  if (labels == Labels::kRead && list.classes.size() == 1)
    throw bad_input(fmt::format("{}: only one class, '{}'", spec.path.string(), list.classes[0]),
                    "add a folder of pictures for every other class");
  // Decoding is the slow part, so the pictures outside the range and beyond the limit are not even opened.
  if (spec.range) {
    const auto kept = spec.range->positions(static_cast<int>(list.files.size()), spec_text(spec));
    list.files = pick(list.files, kept);
    if (!list.labels.empty()) list.labels = pick(list.labels, kept);
  }
  const size_t keep = options.limit > 0 ? static_cast<size_t>(options.limit) : list.files.size();
  if (keep < list.files.size()) {
    list.files.resize(keep);
    if (!list.labels.empty()) list.labels.resize(keep);
  }
  RawSet raw;
  raw.images = read_pictures(list.files, options.shape, "folder:" + spec.path.string());
  if (labels == Labels::kSkip) return raw;
  raw.labels = std::move(list.labels);
  raw.classes = std::move(list.classes);
  raw.labels_file = spec.path.string();
  return raw;
}

RawSet read_files(const Spec& spec, Split split, const LoadOptions& options, Labels labels) {
  RawSet raw;
  std::vector<int>* const wanted = labels == Labels::kRead ? &raw.labels : nullptr;
  switch (spec.source) {
    case Source::kNamed:
      return read_named(spec, split, options, labels);
    case Source::kFolder:
      return read_folder(spec, options, labels);
    case Source::kIdx:
      return read_idx_pair({spec.path.string() + "-images.idx", spec.path.string() + "-labels.idx"}, labels);
    case Source::kCifar:
      raw.images = read_cifar(spec.path, split, wanted);
      raw.classes = find_named_set("cifar10")->classes;
      break;
    case Source::kSvhn:
      raw.images = read_svhn(spec.path, split, wanted);
      raw.classes = numbered_classes(10);
      break;
  }
  raw.labels_file = spec.path.string();
  return raw;
}

void check_labels(const RawSet& raw) {
  const auto& labels = raw.labels;
  if (labels.size() != static_cast<size_t>(raw.images.n))
    throw bad_input(fmt::format("{}: {} labels for {} images", raw.labels_file, labels.size(), raw.images.n),
                    "images and labels must come from the same split of the same set");
  const int classes = static_cast<int>(raw.classes.size());
  const auto wrong = std::find_if(labels.begin(), labels.end(), [&](int label) { return label >= classes; });
  if (wrong != labels.end())
    throw bad_input(fmt::format("{}: label {} of image {} is not below the {} classes", raw.labels_file,
                                *wrong, wrong - labels.begin(), classes),
                    "the labels are damaged, or belong to another set");
}

RawSet read_source(const Spec& spec, Split split, const LoadOptions& options, Labels labels) {
  RawSet raw = read_files(spec, split, options, labels);
  if (labels == Labels::kRead) check_labels(raw);
  if (!spec.range || spec.source == Source::kFolder) return raw;
  const auto kept = spec.range->positions(raw.images.n, spec_text(spec));
  raw.images = subset(raw.images, kept);
  if (labels == Labels::kRead) raw.labels = pick(raw.labels, kept);
  return raw;
}

// A classifier needs two classes; a folder's are counted before its limit applies.
void check_two_classes(const RawSet& raw) {
  const auto& labels = raw.labels;
  if (std::all_of(labels.begin(), labels.end(), [&](int label) { return label == labels[0]; }))
    throw bad_input(fmt::format("{}: only one class, {}", raw.labels_file, labels[0]),
                    "a labelled set needs images of at least two classes");
}

// Shifts at the set's own size, then converts.
Images finish_images(Images images, const Spec& spec, Split split, const LoadOptions& options,
                     const std::string& text) {
  if (options.limit > 0 && options.limit < images.n) {
    images.n = options.limit;
    images.pixels.resize(images.n * images.shape.size());
  }
  if (!spec.shifts.empty()) images = apply_shifts(std::move(images), spec.shifts, options.seed);
  if (!options.shape || *options.shape == images.shape) return images;
  const bool unsaid_split = spec.source == Source::kNamed && !spec.split;
  spdlog::info("{}: {} -> {}", unsaid_split ? fmt::format("{} ({})", text, split_name(split)) : text,
               images.shape.text(), options.shape->text());
  return convert(images, *options.shape);
}

}  // namespace

UnlabelledSet without_labels(LabelledSet set) { return {std::move(set.name), std::move(set.images)}; }

std::vector<fs::path> default_data_dirs(const std::string& option) {
  std::vector<fs::path> dirs;
  if (!option.empty()) dirs.emplace_back(option);
  if (const char* list = std::getenv("DSODENET_DATA"); list != nullptr) {
    const std::string text = list;
    for (size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
      end = text.find(':', begin);
      if (const std::string dir = text.substr(begin, end - begin); !dir.empty()) dirs.emplace_back(dir);
    }
  }
  dirs.emplace_back("./data");
  dirs.emplace_back("/usr/share/datasets");
  return dirs;
}

LabelledSet load_labelled(const std::string& spec_text, const LoadOptions& options) {
  const Spec spec = parse_spec(spec_text);
  const Split split = spec.split.value_or(options.default_split);
  RawSet raw = read_source(spec, split, options, Labels::kRead);
  if (spec.source != Source::kFolder) check_two_classes(raw);
  LabelledSet set{spec_text, finish_images(std::move(raw.images), spec, split, options, spec_text),
                  std::move(raw.labels), std::move(raw.classes)};
  set.labels.resize(set.images.n);
  return set;
}

std::vector<std::string> class_names(const std::string& spec_text, const LoadOptions& options) {
  const Spec spec = parse_spec(spec_text);
  switch (spec.source) {
    case Source::kNamed:
      return find_named_set(spec.set)->classes;
    case Source::kFolder:
      return list_pictures(spec.path).classes;
    case Source::kIdx:
      if (!find_idx(spec.path.string() + "-labels.idx")) return {};
      return load_labelled(spec_text, options).classes;
    case Source::kCifar:
      return find_named_set("cifar10")->classes;
    case Source::kSvhn:
      return numbered_classes(10);
  }
  return {};
}

UnlabelledSet load_unlabelled(const std::string& spec_text, const LoadOptions& options) {
  const Spec spec = parse_spec(spec_text);
  const Split split = spec.split.value_or(options.default_split);
  RawSet raw = read_source(spec, split, options, Labels::kSkip);
  return {spec_text, finish_images(std::move(raw.images), spec, split, options, spec_text)};
}

}  // namespace dsode::data
