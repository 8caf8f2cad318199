#include "cli/verb.h"

#include <fmt/ranges.h>

#include <string_view>

#include "base/error.h"

namespace dsode::cli {

namespace {

// `text` as one word of a POSIX shell.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:+,%=@";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string inside;
  for (const char c : text) inside += c == '\'' ? std::string_view("'\\''") : std::string_view(&c, 1);
  return fmt::format("'{}'", inside);
}

// As the command line takes it: lists without brackets, flags without a value.
std::string option_text(const Option& option, const Json& value) {
  if (option.is_flag) return value == true ? option.flag() : option.flag() + "=false";
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const auto& item : value) items.push_back(item.dump());
    text = fmt::format("{}", fmt::join(items, ","));
  }
  return option.flag() + " " + shell_word(text);
}

}  // namespace

void Globals::declare(OptionSet& options) {
  options.add("data_dir", data_dir, "folder of data sets (else $DSODENET_DATA, ./data, /usr/share/datasets)");
  options.add("out", out, "folder or file to write");
  options.add("seed", seed, "seed of all random numbers");
  options.add("threads", threads, "CPU threads, 0 for all cores");
  // An accelerator is a device of another kind: verbs that run on one declare theirs.
  if (!options.has("device")) options.add("device", device, "where training runs", {"cpu", "cuda"});
  options.add("json", json, "print the result as one JSON object on the last line");
  options.add("quiet", quiet, "warnings and errors only");
  options.add("force", force, "write into a folder that is not empty");
  options.add("resume", resume, "go on with the run in --out");
}

data::LoadOptions Globals::load(data::Split default_split) const {
  return {.data_dirs = data::default_data_dirs(data_dir),
          .default_split = default_split,
          .shape = {},
          .seed = seed};
}

std::string Verb::config(const Globals& globals) {
  OptionSet options;
  declare(options);
  std::string text = fmt::format("# dsodenet {}\n", name()) + options.to_toml();
  return text + fmt::format("seed = {}\nthreads = {}\ndevice = \"{}\"\ndata_dir = {}\n", globals.seed,
                            globals.threads, globals.device, Json(globals.data_dir).dump());
}

std::string Verb::command(const Globals& globals) {
  std::string line = "dsodenet " + name();
  Globals given = globals, default_globals;
  // How much is printed and whether a folder may be written to change no result.
  given.json = given.quiet = given.force = given.resume = false;
  const auto add_differences = [&](const OptionSet& options, const OptionSet& defaults) {
    for (size_t i = 0; i < options.options().size(); ++i) {
      const Option& option = options.options()[i];
      const Json value = option.value();
      if (!value.is_null() && value != defaults.options()[i].value())
        line += " " + option_text(option, value);
    }
  };
  for (const auto& fresh : verbs()) {
    if (fresh->name() != name()) continue;
    OptionSet options, defaults;
    declare(options), given.declare(options);
    fresh->declare(defaults), default_globals.declare(defaults);
    add_differences(options, defaults);
  }
  return line;
}

void refuse_existing(const Globals& globals) { refuse_existing(globals, "--out", globals.out); }

void refuse_existing(const Globals& globals, const char* flag, const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw bad_input(fmt::format("{} {}: is a folder", flag, path), "name a file");
  if (!globals.force && std::filesystem::exists(path, ignored))
    throw bad_input(fmt::format("{} {}: exists already", flag, path),
                    "name another file, or pass --force to overwrite it");
}

Json run_verb(Verb& verb, const Globals& globals, const Settings& settings) {
  OptionSet options;
  verb.declare(options);
  for (const auto& [name, text] : settings) options.set(name, text, fmt::format("{}: {}", verb.name(), name));
  return verb.run(globals);
}

}  // namespace dsode::cli
