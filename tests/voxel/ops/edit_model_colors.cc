// The colour operations of the model, each from its definition.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tests/voxel/ops/edit_model.h"
#include "voxel/grid/median_cut.h"

namespace voxel {
namespace {

// Halves are exact in a double, and std::round takes them away from zero.
int Quotient(int a, int b) { return static_cast<int>(std::round(double(a) / b)); }
int Clamped(int channel) { return std::clamp(channel, 0, 255); }

// The textbook's six sectors.
void TurnHue(int degrees, int& r, int& g, int& b) {
  const int least = std::min({r, g, b});
  const int chroma = std::max({r, g, b}) - least;
  if (chroma == 0) return;
  int hue = 0;
  if (r == least + chroma) {
    hue = g - b;
  } else if (g == least + chroma) {
    hue = 2 * chroma + b - r;
  } else {
    hue = 4 * chroma + r - g;
  }
  hue += Quotient(degrees * chroma, 60);
  while (hue < 0) hue += 6 * chroma;
  hue %= 6 * chroma;
  const int sector = hue / chroma;
  const int up = least + hue % chroma;
  const int down = least + chroma - hue % chroma;
  const int most = least + chroma;
  const int sectors[6][3] = {{most, up, least},   {down, most, least}, {least, most, up},
                             {least, down, most}, {up, least, most},   {most, least, down}};
  r = sectors[sector][0];
  g = sectors[sector][1];
  b = sectors[sector][2];
}

int Distance(Color a, Color b) {
  int most = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    most = std::max(
        most, std::abs(static_cast<int>(a >> shift & 255) - static_cast<int>(b >> shift & 255)));
  }
  return most;
}

}  // namespace

Color AdjustedColor(const Adjust& op, Color color) {
  int c[3] = {static_cast<int>(color >> 24), static_cast<int>(color >> 16 & 255),
              static_cast<int>(color >> 8 & 255)};
  TurnHue(op.hue, c[0], c[1], c[2]);
  const int grey = (std::max({c[0], c[1], c[2]}) + std::min({c[0], c[1], c[2]})) / 2;
  Color out = color & 255;
  for (int i = 0; i < 3; ++i) {
    int now = Clamped(grey + Quotient((c[i] - grey) * (100 + op.saturation), 100));
    if (op.lightness > 0) {
      now += Quotient((255 - now) * op.lightness, 100);
    } else {
      now -= Quotient(now * -op.lightness, 100);
    }
    now = Clamped(128 + Quotient((now - 128) * (100 + op.contrast), 100));
    out |= static_cast<Color>(now) << (24 - 8 * i);
  }
  return out;
}

std::map<Color, Color> QuantisedColors(const Quantise& op, const std::map<Color, int64_t>& counts) {
  std::map<Color, Color> map;
  if (counts.size() <= op.colors) return map;
  std::vector<WeightedColor> colors;
  for (const auto& [color, count] : counts) colors.push_back({color, count});
  size_t begin = 0;
  for (const size_t end : MedianCut(colors, op.colors)) {
    Color mean = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      double sum = 0;
      double total = 0;
      for (size_t i = begin; i < end; ++i) {
        sum += double(colors[i].color >> shift & 255) * double(colors[i].weight);
        total += double(colors[i].weight);
      }
      mean |= static_cast<Color>(std::round(sum / total)) << shift;
    }
    for (; begin < end; ++begin) map[colors[begin].color] = mean;
  }
  return map;
}

std::map<Color, Color> MergedColors(const MergeColors& op, const std::map<Color, int64_t>& counts) {
  std::vector<Color> order;
  for (const auto& [color, count] : counts) order.push_back(color);
  std::stable_sort(order.begin(), order.end(),
                   [&](Color a, Color b) { return counts.at(a) > counts.at(b); });
  std::map<Color, Color> map;
  for (size_t i = 0; i < order.size(); ++i) {
    map[order[i]] = order[i];
    for (size_t k = 0; k < i; ++k) {
      const bool stayed = map[order[k]] == order[k];
      if (!stayed || Distance(order[i], order[k]) > static_cast<int>(op.tolerance)) continue;
      map[order[i]] = order[k];
      break;
    }
  }
  return map;
}

}  // namespace voxel
