#include "daemon/convert/slice_text.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "daemon/convert/color_text.h"
#include "daemon/convert/findings.h"
#include "daemon/convert/geometry.h"
#include "voxel/grid/median_cut.h"

namespace voxeld {
namespace {

using voxel::Color;

constexpr char kAirSymbol = '.';
constexpr char kOtherSymbol = '?';
// None that JSON escapes, none that looks like air or the edge of a line.
constexpr std::string_view kSymbols =
    "#ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%*+=~$!^:;|/-_";
constexpr size_t kIndices = 254;  // 0 is air, 255 the rest
constexpr int kRulerStep = 10;

// The colours of a slice, most frequent first.
std::vector<voxel::WeightedColor> ColorsOf(const voxel::Slice& slice) {
  absl::flat_hash_map<Color, int64_t> counts;
  for (const Color color : slice.cells) {
    if (color != voxel::kAir) ++counts[color];
  }
  std::vector<voxel::WeightedColor> colors;
  for (const auto& [color, cells] : counts) colors.push_back({color, cells});
  std::sort(colors.begin(), colors.end(), [](const auto& a, const auto& b) {
    return std::tie(b.weight, a.color) < std::tie(a.weight, b.color);
  });
  return colors;
}

// What each colour is written as: a number from 1 on.
class Legend {
 public:
  // The first `most` colours have a number of their own, what is left shares the next one.
  Legend(const std::vector<voxel::WeightedColor>& colors, size_t most) {
    shared_ = colors.size() > most;
    size_ = std::min(colors.size(), most + 1);
    for (size_t i = 0; i < colors.size(); ++i) {
      numbers_[colors[i].color] = std::min(i, most) + 1;
    }
  }

  size_t NumberOf(Color color) const {
    return color == voxel::kAir ? 0 : numbers_.find(color)->second;
  }
  size_t size() const { return size_; }
  bool IsShared(size_t number) const { return shared_ && number == size_; }

 private:
  size_t size_;
  bool shared_;
  absl::flat_hash_map<Color, size_t> numbers_;
};

char SymbolOf(const Legend& legend, size_t number) {
  if (number == 0) return kAirSymbol;
  return legend.IsShared(number) ? kOtherSymbol : kSymbols[number - 1];
}

void FillLegend(const Legend& legend, const std::vector<voxel::WeightedColor>& colors,
                const voxel::Palette* palette, bool text, v1::SliceResponse* out) {
  for (size_t number = 1; number <= legend.size(); ++number) {
    v1::LegendEntry* entry = out->add_legend();
    if (text) entry->set_symbol(std::string(1, SymbolOf(legend, number)));
    if (!text) entry->set_index(static_cast<uint32_t>(number));
    if (!legend.IsShared(number)) {
      const voxel::WeightedColor& color = colors[number - 1];
      entry->set_color(FormatColor(color.color));
      entry->set_name(NameOf(palette, color.color));
      entry->set_cells(color.weight);
      continue;
    }
    entry->set_name("other colors");
    for (size_t i = number - 1; i < colors.size(); ++i) {
      entry->set_cells(entry->cells() + colors[i].weight);
    }
  }
}

// Lines with coordinates: those of rows in front, those of every tenth column above.
class Ruled {
 public:
  Ruled(const voxel::Slice& slice, const voxel::SliceSpec& spec) : slice_(slice), spec_(spec) {
    const voxel::PlaneAxes axes = voxel::PlaneAxes::Of(spec.axis);
    right_ = static_cast<int>(axes.right);
    up_ = static_cast<int>(axes.up);
    for (const int64_t row : {0, slice.rows - 1}) {
      width_ = std::max(width_, static_cast<int>(std::to_string(RowAt(row)).size()));
    }
  }

  std::string Head() const {
    std::string numbers(static_cast<size_t>(width_) + 1, ' ');
    std::string marks = numbers;
    for (int32_t column = 0; column < slice_.columns; column += kRulerStep) {
      const std::string number = std::to_string(ColumnAt(column));
      const size_t at = static_cast<size_t>(width_) + 1 + static_cast<size_t>(column);
      if (column > 0 && numbers.size() >= at) continue;  // the one before reaches here
      numbers.resize(at, ' ');
      numbers += number;
      marks.resize(at, ' ');
      marks += '|';
    }
    return numbers + "\n" + marks + "\n";
  }

  std::string RowHead(int32_t row) const { return absl::StrFormat("%*d ", width_, RowAt(row)); }

 private:
  int64_t ColumnAt(int64_t column) const { return slice_.box.min[right_] + column * spec_.step; }
  int64_t RowAt(int64_t row) const {
    return slice_.box.min[up_] + (slice_.rows - 1 - row) * int64_t{spec_.step};
  }

  const voxel::Slice& slice_;
  const voxel::SliceSpec& spec_;
  int right_ = 0;
  int up_ = 0;
  int width_ = 0;  // of the numbers of rows
};

std::string TextOf(const voxel::Slice& slice, const voxel::SliceSpec& spec, const Legend& legend,
                   bool rulers) {
  std::string text;
  const Ruled ruled(slice, spec);
  if (rulers) text = ruled.Head();
  for (int32_t row = 0; row < slice.rows; ++row) {
    if (rulers) text += ruled.RowHead(row);
    for (int32_t column = 0; column < slice.columns; ++column) {
      text += SymbolOf(legend, legend.NumberOf(slice.At(column, row)));
    }
    text += '\n';
  }
  return text;
}

}  // namespace

void FromSlice(const voxel::Slice& slice, const voxel::SliceSpec& spec, const SliceStyle& style,
               const voxel::Palette* palette, v1::SliceResponse* out) {
  const voxel::PlaneAxes axes = voxel::PlaneAxes::Of(spec.axis);
  out->set_right(FromAxis(axes.right));
  out->set_up(FromAxis(axes.up));
  if (slice.cells.empty()) return;
  out->set_columns(static_cast<uint32_t>(slice.columns));
  out->set_rows(static_cast<uint32_t>(slice.rows));
  FromBox(slice.box, out->mutable_box());
  out->set_truncated(slice.truncated);
  const bool text = style.form == v1::SLICE_FORM_TEXT;
  const std::vector<voxel::WeightedColor> colors = ColorsOf(slice);
  const Legend legend(colors, text ? kSymbols.size() : kIndices);
  FillLegend(legend, colors, palette, text, out);
  if (text) {
    out->set_text(TextOf(slice, spec, legend, style.rulers));
    return;
  }
  std::string* indices = out->mutable_indices();
  for (const Color color : slice.cells) {
    *indices += static_cast<char>(legend.NumberOf(color));
  }
}

}  // namespace voxeld
