#include "accel/cycle_model.h"

#include <algorithm>
#include <deque>

namespace dsode::accel {

namespace {

// Cycles between events, as the modules' comments count them.
constexpr uint64_t kReadToReady = 21;   // the reader goes; the array's sequencer may take the tile
constexpr uint64_t kReleaseToRoom = 2;  // the sequencer leaves a tile; the reader sees its words free
constexpr uint64_t kDrainToRead = 10;   // the drain selects a word; the reader may go for its pixel
constexpr uint64_t kTimeBias = 3;       // more, where the drain has time biases
constexpr uint64_t kIssueToRead = 2, kTakeToMultiply = 2, kFrontToIssue = 21;
constexpr uint64_t kPixelToRead = 3;  // an image's first beat; its first pixel
uint64_t drain_to_read(const Target& target) {
  return kDrainToRead + (target.time_depth > 0 ? kTimeBias : 0);
}
uint64_t multiply_to_drain(const Target& target) { return 9 + static_cast<uint64_t>(target.chain()); }

class Model {
 public:
  explicit Model(const Program& program) : program_(program), target_(program.target) {
    room_.assign(static_cast<size_t>(target_.replay_words), 0);
  }

  // Times of an image whose first pass may be issued at `start` and whose pixel n is there at arrival + n;
  // the end of its scores.
  uint64_t image(uint64_t start, uint64_t arrival, std::vector<PassCycles>& passes) {
    issue_ = std::max(issue_, start);
    for (const Pass& pass : program_.passes) passes.push_back(run(pass, arrival));
    return passes.back().end;
  }

 private:
  PassCycles run(const Pass& pass, uint64_t arrival) {
    // Issued when the front is free and the back has taken the pass before; the source of it may still be
    // written.
    issue_ = std::max({issue_, front_free_, take_ + 1});
    const bool pending = back_free_ > issue_;
    take_ = std::max(issue_ + 1, back_free_);
    const Descriptor& d = pass.descriptor;
    Back back{.now = take_ + kTakeToMultiply - 1};
    std::vector<uint64_t> written(d.pixels_out);
    uint64_t now = issue_ + kIssueToRead - 1;
    const auto pp = static_cast<uint32_t>(target_.pp);
    for (uint32_t n = 0, emitted = 0; emitted < d.pixels_out; ++n) {
      const bool emits = completes(d, n);
      for (uint32_t g = 0; g < d.groups_in; ++g) {
        ++now;
        if (n < d.pixels) now = std::max(now, there(d, n, now, pending, arrival));
        if (emits && emitted % pp == 0 && g == 0) now = std::max(now, reserve(d.groups_in));
      }
      if (emits && (++emitted % pp == 0 || emitted == d.pixels_out))
        multiply(d, (emitted - 1) / pp * pp, now + kReadToReady, back, written);
    }
    front_free_ = now + kFrontToIssue;
    back_free_ = back.result.end + 1;
    written_ = std::move(written);
    return back.result;
  }

  // Whether the word of pixel `n` completes one of the operand.
  static bool completes(const Descriptor& d, uint32_t n) {
    if (d.window == uint32_t(Window::kPool)) return n == d.pixels - 1;
    if (n <= d.width) return false;
    const uint32_t centre = n - d.width - 1;
    return !(d.stride2 && (centre % d.width % 2 || centre / d.width % 2));
  }

  // When pixel `n` of the source may be read, if not `now`.
  uint64_t there(const Descriptor& d, uint32_t n, uint64_t now, bool pending, uint64_t arrival) const {
    if (d.src == uint32_t(Source::kImage)) return arrival + n;
    // What the back writes; all of it is there when the back has taken this pass.
    return pending && now <= take_ ? std::min(written_[n], take_ + 1) : now;
  }

  // Takes `words` of the replay buffer; when they are free.
  uint64_t reserve(uint32_t words) {
    uint64_t free = 0;
    for (uint32_t i = 0; i < words; ++i) {
      free = std::max(free, room_.front());
      room_.pop_front();
    }
    return free;
  }

  // The array and its drain in a pass.
  struct Back {
    uint64_t now = 0, last = 0, drain = 0;
    PassCycles result = {};
  };

  // The tile of pixels that begins with `first`, its operand there at `ready`.
  void multiply(const Descriptor& d, uint32_t first, uint64_t ready, Back& back,
                std::vector<uint64_t>& written) {
    const auto columns = static_cast<uint32_t>(target_.pk / target_.lanes),
               pp = static_cast<uint32_t>(target_.pp);
    uint32_t groups = d.groups_out;
    back.now = std::max(back.now, ready - 1);
    if (first == 0) back.result.begin = back.now + 1;
    for (uint32_t column = 0; column < d.column_tiles; ++column) {
      const uint32_t words = std::min(groups, columns);
      groups -= words;
      back.now = std::max(back.now + d.channel_tiles, back.last + back.drain);
      back.last = back.now;
      back.drain = uint64_t{pp} * words;
      const uint64_t selected = back.now + multiply_to_drain(target_);
      for (uint32_t p = 0; p < pp && first + p < d.pixels_out; ++p) {
        written[first + p] = selected + uint64_t{p} * words + words - 1 + drain_to_read(target_);
        back.result.end = written[first + p] - 1;
      }
    }
    back.result.multiply += uint64_t{d.column_tiles} * d.channel_tiles;
    room_.insert(room_.end(), d.groups_in, back.now + kReleaseToRoom);
  }

  const Program& program_;
  const Target& target_;
  std::deque<uint64_t> room_;      // when each word of the replay buffer is free, in the order of its use
  std::vector<uint64_t> written_;  // when each pixel of the last result may be read
  uint64_t issue_ = 0, take_ = 0, front_free_ = 0, back_free_ = 0;
};

// From the last word of scores to the last beat.
uint64_t send(const Program& program) {
  const auto lanes = program.target.lanes, words = (program.classes + lanes - 1) / lanes;
  return 1 + 3 * static_cast<uint64_t>(words) + static_cast<uint64_t>(program.classes);
}

}  // namespace

CycleModel model_cycles(const Program& program) {
  CycleModel result;
  Model model(program);
  result.cycles = model.image(0, kPixelToRead, result.passes) + send(program);
  // Back to back, images wait in the input buffers.
  std::vector<PassCycles> passes;
  const uint64_t second = model.image(0, 0, passes), third = model.image(0, 0, passes);
  result.cycles_per_image = third - second;
  return result;
}

double mac_utilization(const Program& program, double cycles) {
  int64_t macs = 0;
  for (const Pass& pass : program.passes) macs += pass.macs;
  return 100.0 * static_cast<double>(macs) / (program.target.macs_per_cycle() * cycles);
}

double multiplier_utilization(const Program& program, double cycles) {
  int64_t macs = 0;
  for (const Pass& pass : program.passes) macs += pass.macs + pass.window_macs;
  return 100.0 * static_cast<double>(macs) /
         ((program.target.macs_per_cycle() + 9 * program.target.lanes) * cycles);
}

}  // namespace dsode::accel
