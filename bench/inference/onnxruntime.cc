#include <unistd.h>

#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "bench/inference/contestant.h"
#include "onnx/float_model.h"
#include "quant/fixture.h"

namespace dsode::bench {

namespace {

namespace fs = std::filesystem;

// What a run of Python printed; the program is found in PATH.
std::string run_python(const std::vector<std::string>& arguments, const fs::path& folder, int& status) {
  std::vector<std::string> words{find_program({"python3"})};
  words.insert(words.end(), arguments.begin(), arguments.end());
  status = run_program(words, folder, folder / "out");
  return read_text(folder / "out");
}

struct WorkFolder {
  fs::path path = fs::temp_directory_path() / fmt::format("dsodenet-bench-{}", getpid());
  WorkFolder() { fs::create_directories(path); }
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

}  // namespace

std::string lacks_onnxruntime(const std::string& precision) {
  const WorkFolder folder;
  for (const char* module : {"onnxruntime", "onnx"}) {
    if (module == std::string("onnx") && precision != "int8") break;
    int status = 1;
    if (!find_program({"python3"}).empty())
      run_python({"-c", fmt::format("import {}", module)}, folder.path, status);
    if (status != 0) return module;
  }
  return "";
}

double onnxruntime_ms(const ir::ModelSpec& spec, const std::string& precision, int batch, int threads,
                      int repeats) {
  const WorkFolder folder;
  write_file(folder.path / "model.onnx", onnx::serialize(onnx::float_model(quant::random_graph(spec))));
  int status = 0;
  const std::string printed =
      run_python({DSODE_BENCH_DIR "/inference/onnxruntime_rival.py", "model.onnx", precision,
                  std::to_string(batch), std::to_string(threads), std::to_string(repeats)},
                 folder.path, status);
  double milliseconds = 0;
  if (status != 0 || !(std::istringstream(printed) >> milliseconds))
    throw failed(fmt::format("bench: onnxruntime_rival.py ended with status {}: {}", status, printed));
  return milliseconds;
}

}  // namespace dsode::bench
