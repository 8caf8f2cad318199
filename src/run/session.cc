#include "run/session.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "base/names.h"
#include "base/parallel.h"
#include "base/thread_pool.h"
#include "ir/checkpoint_graph.h"
#include "ir/golden.h"
#include "ir/interpret.h"
#include "run/executor.h"
#include "run/int_executor.h"

namespace dsode::run {

namespace fs = std::filesystem;

namespace {

// What a worker is to do: an image, alone or with others, of whom `first` is the first.
struct Task {
  int first;
  Member member;
  std::span<float> logits, features;
};

class Kernels {
 public:
  Kernels(Executor executor, int threads)
      : executor_(std::move(executor)), arena_(executor_.arena(threads)) {}

  int most_members() const { return executor_.least_rows(); }
  template <class Pixel>
  void run(std::span<const Pixel> pixels, const Task& task) {
    const std::span<float> arena = std::span(arena_).subspan(task.first * executor_.arena_size());
    executor_.run(pixels, arena, task.logits, task.features, task.member);
  }

 private:
  Executor executor_;
  Executor::Arena arena_;
};

class Interpreter {
 public:
  explicit Interpreter(ir::Graph graph) : graph_(std::move(graph)) {}

  static int most_members() { return 1; }
  template <class Pixel>
  void run(std::span<const Pixel> pixels, const Task& task) {
    const ir::Scores scores = ir::interpret(graph_, ir::normalized(graph_.spec, pixels));
    std::ranges::copy(scores.logits, task.logits.begin());
    std::ranges::copy(scores.features, task.features.begin());
  }

 private:
  ir::Graph graph_;
};

// Scores and rounded pixels of integer models, for each thread.
class IntegerRooms {
 public:
  IntegerRooms(const ir::integer::Graph& graph, int threads)
      : scale_(graph.logit_scale),
        rooms_(static_cast<size_t>(threads), {std::vector<int32_t>(graph.spec.classes.size()),
                                              std::vector<uint8_t>(graph.spec.input.size())}) {}

  std::span<int32_t> scores(const Task& task) { return rooms_[static_cast<size_t>(task.first)].scores; }
  void give(const Task& task) { to_logits(scores(task), scale_, task.logits); }

  std::span<const uint8_t> rounded(std::span<const float> pixels, const Task& task) {
    std::vector<uint8_t>& rounded = rooms_[static_cast<size_t>(task.first)].rounded;
    const int n = static_cast<int>(pixels.size());
    for (auto i = static_cast<size_t>(task.member.begin(n)); i < static_cast<size_t>(task.member.end(n)); ++i)
      rounded[i] = static_cast<uint8_t>(std::lround(std::clamp(pixels[i], 0.0F, 255.0F)));
    task.member.wait();
    return rounded;
  }

 private:
  struct Room {
    std::vector<int32_t> scores;
    std::vector<uint8_t> rounded;
  };
  double scale_;
  std::vector<Room> rooms_;
};

class IntegerKernels {
 public:
  IntegerKernels(IntExecutor executor, const ir::integer::Graph& graph, int threads)
      : executor_(std::move(executor)),
        rooms_(graph, threads),
        arena_(executor_.arena(threads)),
        pooled_(static_cast<size_t>(threads),
                std::vector<int16_t>(static_cast<size_t>(graph.spec.widths.back()))) {}

  int most_members() const { return executor_.least_rows(); }
  void run(std::span<const uint8_t> pixels, const Task& task) {
    const auto first = static_cast<size_t>(task.first);
    const std::span<CacheLine> arena = std::span(arena_).subspan(first * executor_.arena_size());
    std::vector<int16_t>& pooled = pooled_[first];
    executor_.run(pixels, arena, rooms_.scores(task), pooled, nullptr, task.member);
    if (task.member.index > 0) return;
    rooms_.give(task);
    std::ranges::copy(pooled, task.features.begin());
  }
  void run(std::span<const float> pixels, const Task& task) { run(rooms_.rounded(pixels, task), task); }

 private:
  IntExecutor executor_;
  IntegerRooms rooms_;
  IntExecutor::Arena arena_;
  std::vector<std::vector<int16_t>> pooled_;
};

class IntegerInterpreter {
 public:
  IntegerInterpreter(const ir::integer::Graph& graph, const std::string& origin, int threads)
      : rooms_(graph, threads) {
    for (int i = 0; i < threads; ++i) workers_.emplace_back(graph, origin);
  }

  static int most_members() { return 1; }
  void run(std::span<const uint8_t> pixels, const Task& task) {
    ir::integer::Golden& golden = workers_[static_cast<size_t>(task.first)];
    golden.run(pixels, rooms_.scores(task));
    rooms_.give(task);
    std::ranges::copy(golden.pooled().first(task.features.size()), task.features.begin());
  }
  void run(std::span<const float> pixels, const Task& task) { run(rooms_.rounded(pixels, task), task); }

 private:
  IntegerRooms rooms_;
  std::vector<ir::integer::Golden> workers_;
};

// Throws where `wanted` is not the precision that the file has.
void require_precision(const std::string& wanted, const std::string& has, const std::string& origin) {
  static const std::vector<std::string> known{"auto", "fp32", "bf16", "int8"};
  if (std::ranges::find(known, wanted) == known.end())
    throw bad_input(fmt::format("unknown precision '{}'", wanted), unknown_name_hint(wanted, known));
  if (wanted != "auto" && (wanted == "int8") != (has == "int8"))
    throw bad_input(fmt::format("{}: a model of precision {}, not {}", origin, has, wanted),
                    wanted == "int8" ? "make its integer model first: dsodenet quantize"
                                     : "name the checkpoint that it was made of");
}

}  // namespace

ir::SafeTensors load_artifact(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path / ir::integer::kFileName, ignored))
    return ir::load_safetensors(path / ir::integer::kFileName);
  return ir::load_safetensors(ir::artifact_file(path, "best.safetensors", ir::kCheckpointRemedy));
}

void to_logits(std::span<const int32_t> scores, double scale, std::span<float> logits) {
  const int64_t top = *std::ranges::max_element(scores);
  for (size_t k = 0; k < scores.size(); ++k)
    logits[k] = static_cast<float>(scale * static_cast<double>(scores[k] - top));
}

struct Session::Ways {
  Ways(int threads, const ir::ModelSpec& spec)
      : pool(threads),
        barriers(std::make_unique<Barrier[]>(static_cast<size_t>(threads))),
        classes(spec.classes.size()),
        width(static_cast<size_t>(spec.widths.back())),
        unwanted(static_cast<size_t>(threads) * width),
        pixels(spec.input.size()) {}

  template <class Pixel>
  void run(std::span<const Pixel> images, std::span<float> logits, std::span<float> features) {
    std::visit([&](auto& way) { run(way, images, logits, features); }, *way);
  }

  template <class Way, class Pixel>
  void run(Way& way, std::span<const Pixel> images, std::span<float> logits, std::span<float> features) {
    const auto run_image = [&](int i, int first, const Member& member) {
      const auto image = static_cast<size_t>(i);
      way.run(images.subspan(image * pixels, pixels),
              Task{first, member, logits.subspan(image * classes, classes),
                   features.empty() ? std::span(unwanted).subspan(first * width, width)
                                    : features.subspan(image * width, width)});
    };
    const int n = static_cast<int>(images.size() / pixels), threads = pool.threads();
    const int shared = way.most_members() > 1 ? n % threads : 0, whole = n - shared;
    if (whole > 0) pool.for_each(whole, [&](int worker, int i) { run_image(i, worker, {}); });
    if (shared == 0) return;
    pool.run([&](int worker) {
      // Of the teams, one an image, that of this worker, and its place there.
      const int team = static_cast<int>((int64_t{worker + 1} * shared - 1) / threads);
      const Member one{team, shared};
      const int first = one.begin(threads), members = std::min(one.end(threads) - first, way.most_members());
      if (worker - first < members)
        run_image(whole + team, first, {worker - first, members, &barriers[static_cast<size_t>(team)]});
    });
  }

  ThreadPool pool;
  std::unique_ptr<Barrier[]> barriers;
  size_t classes, width;
  std::vector<float> unwanted;  // features that nobody asked for, [threads,width]
  size_t pixels;                // of an image
  std::optional<std::variant<Kernels, Interpreter, IntegerKernels, IntegerInterpreter>> way;
};

Session::Session(const ir::SafeTensors& file, const SessionOptions& options) {
  const std::string format = ir::artifact_format(file);
  const std::vector<std::string> known{ir::kCheckpointFormat, ir::kGraphFormat, ir::integer::kFormat};
  if (std::ranges::find(known, format) == known.end())
    throw bad_input(
        fmt::format("{}: metadata: format is {}", file.origin, format.empty() ? "missing" : format),
        unknown_name_hint(format, known));
  precision_ = format == ir::integer::kFormat ? "int8" : "fp32";
  require_precision(options.precision, precision_, file.origin);
  if (precision_ == "int8")
    plan(ir::integer::from_file(file), file.origin, options);
  else
    plan(ir::any_graph_from(file), options);
}

Session::Session(const ir::Graph& graph, const SessionOptions& options) : precision_("fp32") {
  plan(graph, options);
}

Session::~Session() = default;

int Session::threads() const { return ways_->pool.threads(); }

void Session::plan(const ir::Graph& graph, const SessionOptions& options) {
  const int threads = thread_count(options.threads);
  spec_ = graph.spec;
  ways_ = std::make_unique<Ways>(threads, spec_);
  const auto wanted = options.precision == "bf16" ? kernels::Precision::kBf16 : kernels::Precision::kFp32;
  if (auto executor = options.interpret ? std::nullopt : Executor::plan(graph, uncovered_, wanted)) {
    engine_ = executor->isa();
    if (executor->precision() == kernels::Precision::kBf16) precision_ = "bf16";
    ways_->way.emplace(Kernels(std::move(*executor), threads));
  } else {
    engine_ = "interpreter";
    ways_->way.emplace(Interpreter(graph));
  }
}

void Session::plan(const ir::integer::Graph& graph, const std::string& origin,
                   const SessionOptions& options) {
  const int threads = thread_count(options.threads);
  spec_ = graph.spec;
  ways_ = std::make_unique<Ways>(threads, spec_);
  if (auto executor = options.interpret ? std::nullopt : IntExecutor::plan(graph, uncovered_)) {
    engine_ = kernels::integer_kernels().front().isa;
    ways_->way.emplace(IntegerKernels(std::move(*executor), graph, threads));
  } else {
    engine_ = "interpreter";
    ways_->way.emplace(IntegerInterpreter(graph, origin, threads));
  }
}

void Session::run(std::span<const uint8_t> pixels, std::span<float> logits, std::span<float> features) {
  ways_->run(pixels, logits, features);
}

void Session::run(std::span<const float> pixels, std::span<float> logits, std::span<float> features) {
  ways_->run(pixels, logits, features);
}

}  // namespace dsode::run
