#include "daemon/codec/brick_bytes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

namespace voxeld {
namespace {

using voxel::BrickMask;
using voxel::Color;
using voxel::DenseBrick;
using voxel::kBrickVoxels;

constexpr size_t kMaskBytes = sizeof(BrickMask);
constexpr size_t kMaxColors = 256;  // with one byte for each voxel

std::vector<Color> ColorsOf(const voxel::Brick* brick) {
  std::vector<Color> colors;
  voxel::BrickForEachColor(brick, [&](Color color, int) {
    if (colors.size() <= kMaxColors) colors.push_back(color);
  });
  return colors;
}

// Calls fn(index) for each voxel that is set.
template <typename Fn>
void ForEachSet(const BrickMask& mask, Fn fn) {
  for (size_t w = 0; w < mask.words.size(); ++w) {
    for (uint64_t bits = mask.words[w]; bits != 0; bits &= bits - 1) {
      fn(w << 6 | static_cast<size_t>(std::countr_zero(bits)));
    }
  }
}

// The number of each colour, by open addressing.
class ColorNumbers {
 public:
  explicit ColorNumbers(const std::vector<Color>& colors) {
    for (size_t i = 0; i < colors.size(); ++i) {
      size_t at = Hash(colors[i]);
      while (colors_[at] != voxel::kAir) at = (at + 1) % kSlots;
      colors_[at] = colors[i];
      numbers_[at] = static_cast<uint8_t>(i);
    }
  }
  uint8_t Of(Color color) const {
    size_t at = Hash(color);
    while (colors_[at] != color) at = (at + 1) % kSlots;
    return numbers_[at];
  }

 private:
  static constexpr size_t kSlots = 2 * kMaxColors;
  static size_t Hash(Color color) { return (color * 0x9E3779B1u) >> 23; }
  std::array<Color, kSlots> colors_{};
  std::array<uint8_t, kSlots> numbers_{};
};

void Decode(const voxel::Cell& cell, DenseBrick& voxels) {
  if (cell.brick == nullptr) {
    voxels.fill(cell.color);
  } else {
    voxel::BrickDecode(cell.brick, voxels);
  }
}

bool ReadRaw(ByteReader& in, const BrickMask& mask, DenseBrick& voxels) {
  const auto occupied = static_cast<size_t>(mask.Count());
  const std::string_view planes = in.Raw(4 * occupied);
  if (!in.ok()) return false;
  size_t i = 0;
  const auto channel = [&](size_t plane) {
    return uint32_t{static_cast<uint8_t>(planes[plane * occupied + i])};
  };
  bool air = false;
  ForEachSet(mask, [&](size_t voxel) {
    voxels[voxel] = channel(0) << 24 | channel(1) << 16 | channel(2) << 8 | channel(3);
    air |= channel(3) == 0;
    ++i;
  });
  if (air) in.Fail();
  return in.ok();
}

}  // namespace

size_t BrickByteCount(const voxel::Brick* brick) {
  const size_t colors = ColorsOf(brick).size();
  const auto occupied = static_cast<size_t>(voxel::BrickCount(brick));
  if (colors > kMaxColors) return 1 + kMaskBytes + 4 * occupied;
  return (colors < 0x80 ? 1 : 2) + kMaskBytes + 4 * colors + (colors > 1 ? occupied : 0);
}

void WriteBrick(const voxel::Brick* brick, ByteWriter& out) {
  const std::vector<Color> colors = ColorsOf(brick);
  const BrickMask& mask = voxel::BrickOccupancy(brick);
  const bool raw = colors.size() > kMaxColors;
  out.Varint(raw ? 0 : colors.size());
  out.Raw(mask.words.data(), kMaskBytes);
  if (!raw) out.Raw(colors.data(), colors.size() * sizeof(Color));
  if (colors.size() == 1) return;
  DenseBrick voxels;
  voxel::BrickDecode(brick, voxels);
  if (raw) {
    for (const int shift : {24, 16, 8, 0}) {
      ForEachSet(mask, [&](size_t i) { out.Byte(static_cast<uint8_t>(voxels[i] >> shift)); });
    }
  } else {
    const ColorNumbers numbers(colors);
    ForEachSet(mask, [&](size_t i) { out.Byte(numbers.Of(voxels[i])); });
  }
}

bool ReadBrick(ByteReader& in, DenseBrick& voxels) {
  const uint64_t colors = in.Below(kMaxColors + 1);
  BrickMask mask;
  const std::string_view words = in.Raw(kMaskBytes);
  if (!in.ok()) return false;
  std::memcpy(mask.words.data(), words.data(), kMaskBytes);
  voxels.fill(voxel::kAir);
  if (colors == 0) return ReadRaw(in, mask, voxels);
  std::array<Color, kMaxColors> palette{};
  for (uint64_t i = 0; i < colors; ++i) {
    palette[i] = in.Fixed32();
    if (voxel::Alpha(palette[i]) == 0) in.Fail();
  }
  const auto occupied = static_cast<size_t>(mask.Count());
  const std::string_view numbers = in.Raw(colors > 1 ? occupied : 0);
  if (!in.ok()) return false;
  size_t i = 0;
  uint8_t largest = 0;
  ForEachSet(mask, [&](size_t voxel) {
    const auto number = numbers.empty() ? uint8_t{0} : static_cast<uint8_t>(numbers[i++]);
    largest = std::max(largest, number);
    voxels[voxel] = palette[number];
  });
  if (largest >= colors) in.Fail();
  return in.ok();
}

bool WriteBrickDelta(const voxel::Cell& before, const voxel::Cell& after, size_t max_bytes,
                     ByteWriter& out) {
  DenseBrick old;
  DenseBrick now;
  Decode(before, old);
  Decode(after, now);
  std::vector<std::pair<Color, uint16_t>> changed;
  for (size_t i = 0; i < size_t{kBrickVoxels}; ++i) {
    if (old[i] == now[i]) continue;
    if (changed.size() >= max_bytes) return false;  // each takes a byte at least
    changed.emplace_back(now[i], static_cast<uint16_t>(i));
  }
  std::stable_sort(changed.begin(), changed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  ByteWriter delta;
  size_t colors = 0;
  for (auto group = changed.begin(); group != changed.end(); ++colors) {
    const Color color = group->first;
    const auto end = std::find_if(group, changed.end(),
                                  [color](const auto& voxel) { return voxel.first != color; });
    delta.Fixed32(color);
    delta.Varint(static_cast<uint64_t>(end - group));
    for (int last = -1; group != end; ++group) {
      delta.Varint(static_cast<uint64_t>(group->second - last - 1));
      last = group->second;
    }
  }
  if (delta.size() + 2 > max_bytes) return false;
  out.Varint(colors);
  out.Raw(delta.bytes().data(), delta.size());
  return true;
}

}  // namespace voxeld
