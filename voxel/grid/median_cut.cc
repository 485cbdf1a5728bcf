#include "voxel/grid/median_cut.h"

#include <algorithm>
#include <utility>

namespace voxel {
namespace {

struct Group {
  size_t begin = 0;
  size_t end = 0;
  int shift = 0;        // of the channel that varies most
  uint32_t range = 0;   // of that channel; 0 for a single colour
  double priority = 0;  // what is split next: wide and much used
};

uint32_t Channel(Color color, int shift) { return color >> shift & 255; }

Group MakeGroup(const std::vector<WeightedColor>& colors, size_t begin, size_t end) {
  Group group{.begin = begin, .end = end};
  for (const int shift : {24, 16, 8, 0}) {
    uint32_t low = 255;
    uint32_t high = 0;
    for (size_t i = begin; i < end; ++i) {
      low = std::min(low, Channel(colors[i].color, shift));
      high = std::max(high, Channel(colors[i].color, shift));
    }
    if (high - low > group.range) {
      group.range = high - low;
      group.shift = shift;
    }
  }
  double weight = 0;
  for (size_t i = begin; i < end; ++i) weight += static_cast<double>(colors[i].weight);
  group.priority = weight * group.range;
  return group;
}

// Sorts the group along its channel and returns where half of its weight is reached, never at
// either end.
size_t SplitPoint(std::vector<WeightedColor>& colors, const Group& group) {
  const auto begin = colors.begin() + static_cast<ptrdiff_t>(group.begin);
  std::sort(begin, colors.begin() + static_cast<ptrdiff_t>(group.end),
            [shift = group.shift](const WeightedColor& a, const WeightedColor& b) {
              return std::pair(Channel(a.color, shift), a.color) <
                     std::pair(Channel(b.color, shift), b.color);
            });
  int64_t total = 0;
  for (size_t i = group.begin; i < group.end; ++i) total += colors[i].weight;
  int64_t sum = 0;
  for (size_t i = group.begin; i + 1 < group.end; ++i) {
    sum += colors[i].weight;
    if (sum >= total - sum) return i + 1;
  }
  return group.end - 1;
}

}  // namespace

std::vector<size_t> MedianCut(std::vector<WeightedColor>& colors, size_t max_groups) {
  if (colors.empty()) return {};
  // So that sums of doubles do not depend on the order given.
  std::sort(colors.begin(), colors.end(),
            [](const auto& a, const auto& b) { return a.color < b.color; });
  std::vector<Group> groups{MakeGroup(colors, 0, colors.size())};
  while (groups.size() < max_groups) {
    const auto widest =
        std::max_element(groups.begin(), groups.end(),
                         [](const Group& a, const Group& b) { return a.priority < b.priority; });
    if (widest->range == 0) break;
    const Group group = *widest;
    const size_t middle = SplitPoint(colors, group);
    *widest = MakeGroup(colors, group.begin, middle);
    groups.push_back(MakeGroup(colors, middle, group.end));
  }
  std::vector<size_t> ends;
  ends.reserve(groups.size());
  for (const Group& group : groups) ends.push_back(group.end);
  std::sort(ends.begin(), ends.end());
  return ends;
}

}  // namespace voxel
