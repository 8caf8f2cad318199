// dsodenet <verb> [--config FILE.toml] [--flag value ...] [key=value ...]
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/names.h"
#include "cli/verb.h"
#include "cli/version.h"

namespace dsode::cli {

namespace {

struct Command {
  std::unique_ptr<Verb> verb;
  OptionSet options;
  std::string config;
  std::vector<std::pair<std::string, std::string>> given;  // in the order of the command line
  CLI::App* app = nullptr;
};

std::string default_text(const Option& option) {
  const Json value = option.value();
  if (value.is_null() || option.is_flag || value == "") return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// CLI11 parses and prints help; values go through OptionSet like those of files and `key=value`.
void bind(CLI::App& app, Command& command) {
  app.add_option("--config", command.config, "TOML file of options")->type_name("FILE");
  for (const auto& option : command.options.options()) {
    const auto take = [&command, name = option.name](const std::string& text) {
      command.given.emplace_back(name, text);
    };
    std::string help = option.help;
    if (!option.choices.empty() && option.choices.size() <= 12)
      help += fmt::format(" ({})", fmt::join(option.choices, "|"));
    if (const std::string text = default_text(option); !text.empty()) help += fmt::format(" [{}]", text);
    // A flag must not swallow the `key=value` that follows it: a value of its own is --flag=false.
    if (option.is_flag)
      app.add_flag_function(
          option.flag(), [take](int64_t count) { take(count > 0 ? "true" : "false"); }, help);
    else
      app.add_option_function<std::string>(option.flag(), take, help)
          ->type_name("VALUE")
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  app.allow_extras();
}

std::string flag_of(std::string name) {
  std::ranges::replace(name, '_', '-');
  return "--" + name;
}

// What CLI11 did not know: `key=value`, or a flag that is none.
void apply_extra(OptionSet& options, const std::string& extra) {
  const std::string bare = extra.substr(std::min(extra.find_first_not_of('-'), extra.size()));
  const size_t equals = bare.find('=');
  if (equals == std::string::npos && bare == extra)
    throw bad_input(fmt::format("unexpected argument '{}'", extra), "options are --name VALUE or name=VALUE");
  options.set(bare.substr(0, equals), equals == std::string::npos ? "" : bare.substr(equals + 1),
              "command line");
}

void apply_given(Command& command) {
  if (!command.config.empty()) command.options.load_toml(command.config);
  for (const auto& [name, text] : command.given) command.options.set(name, text, flag_of(name));
  for (const auto& extra : command.app->remaining()) apply_extra(command.options, extra);
}

// With --resume the run's own config.toml is the base: what is given now still wins.
void apply(Command& command, const Globals& globals) {
  apply_given(command);
  if (!globals.resume) return;
  const std::filesystem::path out = globals.out_or(command.verb->default_out()), saved = out / "config.toml";
  if (out.empty() || !std::filesystem::exists(saved)) return;
  command.options.load_toml(saved);
  apply_given(command);
}

void check_verb(int argc, char** argv, const std::vector<std::string>& names) {
  if (argc < 2 || argv[1][0] == '-') return;
  const std::string verb = argv[1];
  if (std::ranges::find(names, verb) == names.end())
    throw bad_input(fmt::format("unknown verb '{}'", verb), unknown_name_hint(verb, names));
}

int run(int argc, char** argv) {
  Globals globals;
  CLI::App app("dsodenet: from labelled images to an adapted classifier on an edge device.");
  app.set_version_flag("--version", fmt::format("dsodenet {}", kVersion));
  app.name("dsodenet");
  app.require_subcommand(0, 1);
  std::vector<std::string> names;
  std::vector<std::unique_ptr<Command>> commands;
  for (auto& verb : verbs()) {
    auto& command = *commands.emplace_back(std::make_unique<Command>());
    command.verb = std::move(verb);
    command.verb->declare(command.options);
    globals.declare(command.options);
    command.app = app.add_subcommand(command.verb->name(), command.verb->help());
    bind(*command.app, command);
    names.push_back(command.verb->name());
  }
  check_verb(argc, argv, names);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  }
  for (auto& command : commands) {
    if (!*command->app) continue;
    apply(*command, globals);
    setup_logging(globals.quiet);
    catch_interrupts();
    const Json result = command->verb->run(globals);
    if (globals.json) fmt::print("{}\n", result.dump());
    std::fflush(stdout);
    return 0;
  }
  fmt::print("{}", app.help());
  return 0;
}

// One line, whatever texts of a damaged file are in it.
std::string one_line(std::string text) {
  constexpr size_t kMost = 2000;
  if (text.size() > kMost) text = text.substr(0, kMost) + "...";
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == 127; }, '?');
  return text;
}

int report(const Error& error) {
  fmt::print(stderr, "dsodenet: {}\n", one_line(error.what()));
  if (!error.hint().empty()) fmt::print(stderr, "  {}\n", one_line(error.hint()));
  return static_cast<int>(error.code());
}

}  // namespace

}  // namespace dsode::cli

int main(int argc, char** argv) {
  using dsode::cli::report;
  try {
    return dsode::cli::run(argc, argv);
  } catch (const dsode::Error& error) {
    return report(error);
  } catch (const CLI::ParseError& error) {
    return report(dsode::bad_input(error.what(), "see dsodenet --help"));
  } catch (const std::bad_alloc&) {
    return report(dsode::failed("out of memory", "use a smaller --batch-size or --limit"));
  } catch (const std::exception& error) {
    // libtorch appends its stack to the first line.
    const std::string text = error.what();
    return report(dsode::failed(text.substr(0, text.find('\n')),
                                "please report this, with the command that led to it"));
  }
}
