#include "daemon/codec/brick_bytes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "voxel/grid/brick_palette.h"
#include "voxel/grid/diff.h"

namespace voxeld {
namespace {

using voxel::BrickMask;
using voxel::Color;
using voxel::DenseBrick;

constexpr size_t kMaskBytes = sizeof(BrickMask);
static_assert(kLeastBrickBytes <= 1 + kMaskBytes + sizeof(Color));
constexpr size_t kMaxColors = 256;  // with one byte for each voxel

// The distinct colours, or some more than kMaxColors if there are more.
std::vector<Color> ColorsOf(const voxel::Brick* brick) {
  const absl::Span<const Color> palette = voxel::BrickPalette(brick);
  std::vector<Color> colors(palette.begin(), palette.end());
  if (!colors.empty()) return colors;
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

// The voxels that changed, under the colour that they have now.
class ChangesByColor {
 public:
  // Voxels come in ascending order.
  void Add(Color color, int voxel) {
    if (last_ == nullptr || last_->color != color) last_ = &ListOf(color);
    last_->gaps.Varint(static_cast<uint64_t>(voxel - last_->last - 1));
    last_->last = voxel;
    ++last_->voxels;
  }
  // By colour; returns how many there are.
  size_t Write(ByteWriter& out) {
    std::sort(lists_.begin(), lists_.end(),
              [](const List& a, const List& b) { return a.color < b.color; });
    for (const List& list : lists_) {
      out.Fixed32(list.color);
      out.Varint(list.voxels);
      out.Raw(list.gaps.bytes().data(), list.gaps.size());
    }
    return lists_.size();
  }

 private:
  struct List {
    Color color = voxel::kAir;
    int last = -1;
    uint64_t voxels = 0;
    ByteWriter gaps;
  };
  List& ListOf(Color color) {
    if (lists_.size() < kFew) {  // found faster without a table
      for (List& list : lists_) {
        if (list.color == color) return list;
      }
    } else {
      for (size_t i = numbers_.size(); i < lists_.size(); ++i) numbers_[lists_[i].color] = i;
      const auto found = numbers_.find(color);
      if (found != numbers_.end()) return lists_[found->second];
    }
    lists_.emplace_back().color = color;
    return lists_.back();
  }

  static constexpr size_t kFew = 24;
  std::vector<List> lists_;
  absl::flat_hash_map<Color, size_t> numbers_;  // of the lists, from kFew of them on
  List* last_ = nullptr;
};

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

bool WriteBrickDelta(const BrickMask& changed, const voxel::Cell& after, size_t max_bytes,
                     ByteWriter& out) {
  if (static_cast<size_t>(changed.Count()) > max_bytes) return false;  // each takes a byte at least
  ChangesByColor changes;
  ForEachSet(changed, [&](size_t i) {
    const int voxel = static_cast<int>(i);
    changes.Add(after.brick == nullptr ? after.color : voxel::BrickGet(after.brick, voxel), voxel);
  });
  ByteWriter delta;
  const size_t colors = changes.Write(delta);
  if (delta.size() + 2 > max_bytes) return false;
  out.Varint(colors);
  out.Raw(delta.bytes().data(), delta.size());
  return true;
}

}  // namespace voxeld
