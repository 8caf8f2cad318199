// dsodenet data: which sets there are, and what is in one.
#include <fmt/ranges.h>

#include <map>

#include "base/error.h"
#include "base/file.h"
#include "base/text_table.h"
#include "cli/verbs.h"
#include "data/augment.h"
#include "data/contact_sheet.h"
#include "data/shift.h"

namespace dsode::cli {

namespace {

class Data : public Verb {
 public:
  std::string name() const override { return "data"; }
  std::string help() const override { return "list data sets, or show what is in one"; }
  void declare(OptionSet& options) override {
    options.add("data", data_, "data set to show; without it all sets, shifts and augmentations are listed");
    options.add("limit", limit_, "use the first images only, 0 for all");
  }

  Json run(const Globals& globals) override {
    if (limit_ < 0) throw bad_input(fmt::format("--limit: {}", limit_), "give 0 for all images, or a number");
    return data_.empty() ? list(globals) : show(globals);
  }

 private:
  static Json list(const Globals& globals) {
    Json json{{"sets", Json::array()}, {"shifts", Json::array()}, {"augmentations", Json::array()}};
    std::vector<std::vector<std::string>> sets{{"set", "what it is", "where"}},
        shifts{{"shift", "what it does"}}, augments{{"augmentation", "what it does"}};
    std::map<std::string, std::vector<std::string>> remedies;  // with the sets they bring
    for (const auto& set : data::list_sets(data::default_data_dirs(globals.data_dir))) {
      sets.push_back({set.name, set.title, set.available ? set.dir.string() : "missing"});
      if (!set.available) remedies[set.remedy].push_back(set.name);
      json["sets"].push_back({{"name", set.name}, {"title", set.title}, {"available", set.available}});
    }
    for (const auto& shift : data::shifts()) {
      shifts.push_back({shift.name, shift.help});
      json["shifts"].push_back(shift.name);
    }
    for (const auto& augment : data::augmentations()) {
      augments.push_back({augment.name, augment.help});
      json["augmentations"].push_back(augment.name);
    }
    fmt::print("{}", text_table(sets));
    for (const auto& [remedy, names] : remedies)
      fmt::print("\nmissing {}: {}\n", fmt::join(names, ", "), remedy);
    fmt::print("\n{}\n{}\n", text_table(shifts), text_table(augments));
    fmt::print(
        "A data set is SET, SET:train or SET:test, folder:PATH (one folder of pictures a class), "
        "idx:PREFIX,\n"
        "cifar10-bin:PATH or svhn:PATH; then a range such as [0:1000] or [70%:100%]; then shifts, severity "
        "1-5:\n"
        "  dsodenet data --data fashion-mnist:test+camera3 --out sheet.png\n");
    return json;
  }

  Json show(const Globals& globals) const {
    data::LoadOptions load = globals.load(data::Split::kTrain);
    load.limit = limit_;
    Json json = data::class_names(data_, load).empty() ? show_unlabelled(globals, load)
                                                       : show_labelled(globals, load);
    if (!globals.out.empty()) fmt::print("{}\n", globals.out);
    return json;
  }

  Json show_labelled(const Globals& globals, const data::LoadOptions& load) const {
    const data::LabelledSet set = data::load_labelled(data_, load);
    std::vector<int> counts(set.classes.size());
    for (const int label : set.labels) ++counts[static_cast<size_t>(label)];
    std::vector<std::vector<std::string>> rows{{"label", "class", "images", "share"}};
    for (size_t k = 0; k < counts.size(); ++k)
      rows.push_back({std::to_string(k), set.classes[k], grouped(counts[k]),
                      fmt::format("{:.1f} %", 100.0 * counts[k] / set.images.n)});
    describe(set.images, fmt::format("{} classes", counts.size()));
    fmt::print("{}", text_table(rows));
    save(globals, [&] { return data::contact_sheet_png(set); });
    return result(set.images, set.classes, counts);
  }

  Json show_unlabelled(const Globals& globals, const data::LoadOptions& load) const {
    const data::UnlabelledSet set = data::load_unlabelled(data_, load);
    describe(set.images, "without labels");
    save(globals, [&] { return data::contact_sheet_png(set.images); });
    return result(set.images, {}, {});
  }

  void describe(const data::Images& images, const std::string& rest) const {
    fmt::print("{}: {} images of {}, {}\n", data_, grouped(images.n), images.shape.text(), rest);
  }

  template <class Draw>
  static void save(const Globals& globals, Draw&& draw) {
    if (globals.out.empty()) return;
    refuse_existing(globals);
    write_file(globals.out, draw());
  }

  Json result(const data::Images& images, const std::vector<std::string>& classes,
              const std::vector<int>& counts) const {
    return {{"name", data_},
            {"n", images.n},
            {"height", images.shape.h},
            {"width", images.shape.w},
            {"channels", images.shape.c},
            {"classes", classes},
            {"class_counts", counts}};
  }

  std::string data_;
  int limit_ = 0;
};

}  // namespace

std::unique_ptr<Verb> make_data() { return std::make_unique<Data>(); }

}  // namespace dsode::cli
