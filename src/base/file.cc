#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"

namespace dsode {

namespace fs = std::filesystem;

namespace {

constexpr const char* kCheckName = "check the name and that you may read it";

template <class Buffer>
Buffer read_into(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    throw bad_input(fmt::format("{}: is a folder, not a file", path.string()), "name a file");
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in)
    throw bad_input(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)), kCheckName);
  const std::streamoff size = in.tellg();
  if (size < 0)
    throw bad_input(fmt::format("{}: cannot be read as a whole", path.string()),
                    "name an ordinary file, not a pipe");
  Buffer bytes(static_cast<size_t>(size), 0);
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in)
    throw bad_input(fmt::format("{}: cannot read: {}", path.string(), std::strerror(errno)), kCheckName);
  return bytes;
}

[[noreturn]] void throw_write_error(const fs::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  throw failed(fmt::format("{}: cannot write: {}", path.string(), std::strerror(error)),
               full ? "free some disk space and run again" : "check the folder's permissions");
}

}  // namespace

std::vector<uint8_t> read_file(const fs::path& path) { return read_into<std::vector<uint8_t>>(path); }
std::string read_text(const fs::path& path) { return read_into<std::string>(path); }

void write_file(const fs::path& path, std::span<const uint8_t> bytes) {
  const fs::path temporary = path.string() + fmt::format(".tmp{}", ::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) throw_write_error(path, errno);
  int error = 0;
  for (size_t done = 0; done < bytes.size() && error == 0;) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n >= 0)
      done += static_cast<size_t>(n);
    else if (errno != EINTR)
      error = errno;
  }
  if (error == 0 && ::fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP) error = errno;
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    throw_write_error(path, error);
  }
}

void write_file(const fs::path& path, std::string_view text) {
  write_file(path, std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

void make_output_dir(const fs::path& dir, bool allow_existing) {
  std::error_code error;
  if (fs::exists(dir, error)) {
    if (!fs::is_directory(dir, error))
      throw bad_input(fmt::format("--out {}: is a file", dir.string()), "name a folder");
    if (!allow_existing && !fs::is_empty(dir, error))
      throw bad_input(fmt::format("--out {}: the folder is not empty", dir.string()),
                      "name another folder, or pass --force to overwrite it");
    return;
  }
  fs::create_directories(dir, error);
  if (error)
    throw failed(fmt::format("--out {}: cannot create: {}", dir.string(), error.message()),
                 "name a folder where you may write");
}

}  // namespace dsode
