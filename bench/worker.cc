#include "bench/worker.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"

extern char** environ;

namespace dsode::bench {

namespace {

constexpr const char* kSelf = "/proc/self/exe";

std::vector<std::string> arguments(Options options) {
  OptionSet set;
  options.declare(set);
  std::vector<std::string> words{"dsodenet", "bench", "--json", "--quiet"};
  const auto add = [&](const std::string& flag, const std::string& value) {
    words.insert(words.end(), {flag, value});
  };
  for (const auto& option : set.options()) {
    const Json value = option.value();
    if (!value.is_null()) add(option.flag(), value.is_string() ? value.get<std::string>() : value.dump());
  }
  add("--threads", std::to_string(options.threads));
  add("--seed", std::to_string(options.seed));
  return words;
}

// OpenBLAS keeps a thread pool that torch::set_num_threads does not reach.
std::vector<std::string> environment(int threads) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with("OMP_NUM_THREADS=") && !text.starts_with("OPENBLAS_NUM_THREADS="))
      variables.emplace_back(text);
  }
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"})
    variables.push_back(fmt::format("{}={}", name, threads));
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (auto& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) != 0;) {
    if (n > 0)
      text.append(buffer, static_cast<size_t>(n));
    else if (errno != EINTR)
      break;
  }
  return text;
}

// Starts this program with stdout into a pipe; returns all of it once the process has ended well.
std::string capture(std::vector<std::string> words, std::vector<std::string> variables,
                    const std::string& what) {
  int ends[2];
  if (pipe(ends) != 0) throw failed(fmt::format("bench: no pipe: {}", std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, kSelf, &actions, nullptr, pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  const std::string text = error == 0 ? read_all(ends[0]) : "";
  close(ends[0]);
  if (error != 0) throw failed(fmt::format("bench: cannot start {}: {}", what, std::strerror(error)));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  throw_if_interrupted();
  if (WIFSIGNALED(status))
    throw failed(fmt::format("bench: {} was ended by signal {}", what, WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    throw failed(fmt::format("bench: {} ended with code {}", what, WEXITSTATUS(status)),
                 "its own message stands above");
  return text;
}

}  // namespace

Json run_worker(const Options& options) {
  const std::string text =
      capture(arguments(options), environment(options.threads), "worker " + options.worker);
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw failed(fmt::format("bench: worker {} printed no JSON", options.worker));
  return json;
}

std::vector<std::vector<Json>> run_rounds(const std::vector<Options>& contestants, int rounds) {
  std::vector<std::vector<Json>> figures(contestants.size());
  Progress progress(contestants.front().suite, "runs", static_cast<int64_t>(contestants.size()) * rounds);
  for (int round = 0; round < rounds; ++round)
    for (size_t i = 0; i < contestants.size(); ++i) {
      figures[i].push_back(run_worker(contestants[i]));
      progress.advance(1, contestants[i].worker);
    }
  return figures;
}

std::vector<double> column(const std::vector<Json>& rounds, const char* key) {
  std::vector<double> values;
  for (const Json& round : rounds) values.push_back(round.at(key).get<double>());
  return values;
}

std::vector<int> thread_counts(int threads) {
  if (threads > 0) return {threads};
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return cores > 1 ? std::vector{1, cores} : std::vector{1};
}

}  // namespace dsode::bench
