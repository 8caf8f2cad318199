#include "data/contact_sheet.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "base/error.h"

namespace dsode::data {

namespace {

const cv::Scalar kPaper(255, 255, 255), kInk(60, 60, 60);
constexpr int kMargin = 16, kGap = 4;
constexpr int kFont = cv::FONT_HERSHEY_DUPLEX;
constexpr double kFontScale = 0.5;

std::vector<uint8_t> to_png(const cv::Mat& picture) {
  std::vector<uint8_t> bytes;
  if (!cv::imencode(".png", picture, bytes)) throw failed("cannot encode a PNG picture");
  return bytes;
}

// Grey as it is, colour as OpenCV draws and encodes it: blue, green, red.
cv::Mat to_picture(Shape shape, std::span<const uint8_t> pixels) {
  DSODE_CHECK(pixels.size() == shape.size(), "{} bytes for {}", pixels.size(), shape.text());
  const cv::Mat view(shape.h, shape.w, CV_8UC(shape.c), const_cast<uint8_t*>(pixels.data()));
  if (shape.c == 1) return view;
  cv::Mat picture;
  cv::cvtColor(view, picture, cv::COLOR_RGB2BGR);
  return picture;
}

struct SheetRow {
  std::string caption;
  std::vector<int> indices;
};

int caption_width(const std::vector<SheetRow>& rows) {
  int width = 0;
  for (const auto& row : rows)
    if (!row.caption.empty())
      width = std::max(width, cv::getTextSize(row.caption, kFont, kFontScale, 1, nullptr).width);
  return width == 0 ? 0 : width + kMargin;
}

std::vector<uint8_t> draw(const Images& images, const std::vector<SheetRow>& rows,
                          const SheetOptions& options) {
  const int longer = std::max(images.shape.h, images.shape.w);
  const int enlarge = std::max(1, (options.side + longer - 1) / longer);
  const int w = images.shape.w * enlarge, h = images.shape.h * enlarge, left = caption_width(rows);
  size_t columns = 1;
  for (const auto& row : rows) columns = std::max(columns, row.indices.size());
  const auto span = [](size_t n, int size) {
    return static_cast<int>(n) * (size + kGap) - kGap + 2 * kMargin;
  };
  cv::Mat sheet(span(std::max<size_t>(rows.size(), 1), h), left + span(columns, w), CV_8UC3, kPaper);
  for (size_t r = 0; r < rows.size(); ++r) {
    const int y = kMargin + static_cast<int>(r) * (h + kGap);
    const cv::Size text = cv::getTextSize(rows[r].caption, kFont, kFontScale, 1, nullptr);
    cv::putText(sheet, rows[r].caption, {left - text.width, y + (h + text.height) / 2}, kFont, kFontScale,
                kInk, 1, cv::LINE_AA);
    for (size_t i = 0; i < rows[r].indices.size(); ++i) {
      const cv::Rect place(left + kMargin + static_cast<int>(i) * (w + kGap), y, w, h);
      cv::Mat picture = to_picture(images.shape, images[rows[r].indices[i]]);
      if (picture.channels() == 1) cv::cvtColor(picture, picture, cv::COLOR_GRAY2BGR);
      cv::resize(picture, sheet(place), place.size(), 0, 0, cv::INTER_NEAREST);
    }
  }
  return to_png(sheet);
}

}  // namespace

std::vector<uint8_t> encode_png(Shape shape, std::span<const uint8_t> pixels) {
  return to_png(to_picture(shape, pixels));
}

std::vector<uint8_t> contact_sheet_png(const LabelledSet& set, const SheetOptions& options) {
  std::vector<SheetRow> rows(std::min(set.classes.size(), static_cast<size_t>(options.rows)));
  for (size_t r = 0; r < rows.size(); ++r) rows[r].caption = set.classes[r];
  for (int i = 0; i < set.images.n; ++i) {
    const auto label = static_cast<size_t>(set.labels[static_cast<size_t>(i)]);
    if (label < rows.size() && rows[label].indices.size() < static_cast<size_t>(options.columns))
      rows[label].indices.push_back(i);
  }
  return draw(set.images, rows, options);
}

std::vector<uint8_t> contact_sheet_png(const Images& images, const SheetOptions& options) {
  const int shown = std::min(images.n, options.rows * options.columns);
  std::vector<SheetRow> rows(static_cast<size_t>((shown + options.columns - 1) / options.columns));
  for (int i = 0; i < shown; ++i) rows[static_cast<size_t>(i / options.columns)].indices.push_back(i);
  return draw(images, rows, options);
}

}  // namespace dsode::data
