#include <utility>
#include <vector>

#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_blend.h"
#include "voxel/grid/canonicalize.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/root.h"
#include "voxel/grid/slot_map.h"

namespace voxel {
namespace {

using internal::kFan;
using internal::kTopHeight;
using internal::Region;
using internal::Slot;

// Whether painting any colour on air yields that colour.
bool CopiesOntoAir(Mode mode) {
  return mode == Mode::kOver || mode == Mode::kMax || mode == Mode::kReplace;
}

// Walks two trees at once. Every slot it returns is canonical and carries a reference.
class Blender {
 public:
  Blender(Mode mode, uint32_t opacity, const TaskContext& context)
      : mode_(mode), opacity_(opacity), context_(context) {}

  absl::StatusOr<Slot> Run(Slot bottom, Slot top, int height) {
    if (top.uniform()) {
      const Color paint = Scaled(top.color());
      if (paint == kAir && !ActsOutside(mode_)) return Shared(bottom, height);
      return Mapped(bottom, height, [&](Color below) { return Meet(below, paint); });
    }
    if (bottom.uniform()) {
      const Color below = bottom.color();
      if (below == kAir && opacity_ == 255 && CopiesOntoAir(mode_)) return Shared(top, height);
      return Mapped(top, height, [&](Color paint) { return Meet(below, Scaled(paint)); });
    }
    if (height == 0) return Bricks(bottom, top);
    return Nodes(bottom, top, height);
  }

 private:
  Color Scaled(Color c) const {
    if (opacity_ == 255) return c;
    return Rgba(Red(c), Green(c), Blue(c), Alpha(c) * opacity_ / 255);
  }
  Color Meet(Color below, Color paint) const {
    return paint == kAir && !ActsOutside(mode_) ? below : Blend(mode_, below, paint);
  }

  static Slot Shared(Slot slot, int height) {
    internal::RefSlot(slot, height);
    return slot;
  }

  template <typename Fn>
  absl::StatusOr<Slot> Mapped(Slot slot, int height, Fn&& fn) {
    const auto map = [&](Color* colors, int n) {
      for (int i = 0; i < n; ++i) colors[i] = fn(colors[i]);
    };
    VOXEL_ASSIGN_OR_RETURN(const internal::MappedSlot mapped,
                           internal::SlotMapper(map, context_, new_bytes_).Map(slot, height));
    if (mapped.slot == slot) return Shared(slot, height);
    Slot out = mapped.slot;
    int64_t freed = 0;
    internal::Canonicalize(out, slot, height, freed);
    return out;
  }

  absl::StatusOr<Slot> Bricks(Slot bottom, Slot top) {
    VOXEL_RETURN_IF_ERROR(context_.CheckMemory(new_bytes_));
    const Slot out = internal::BlendBricks(
        bottom.brick(), top.brick(),
        [this](Color below, Color paint) { return Meet(below, Scaled(paint)); });
    if (out == bottom) return out;
    new_bytes_ += internal::SlotBytes(out, 0);
    return out;
  }

  absl::StatusOr<Slot> Nodes(Slot bottom, Slot top, int height) {
    const std::array<Slot, kFan>& below = bottom.node()->slots;
    const std::array<Slot, kFan>& paint = top.node()->slots;
    std::array<Slot, kFan> out;
    for (int i = 0; i < kFan; ++i) {
      absl::StatusOr<Slot> child = Run(below[i], paint[i], height - 1);
      if (!child.ok()) {
        for (int k = 0; k < i; ++k) internal::DropSlot(out[k], height - 1);
        return child;
      }
      out[i] = *child;
    }
    if (out != below && out != paint) {
      new_bytes_ += internal::NodeBytes();
      return internal::MakeNode(out, height);
    }
    for (Slot slot : out) internal::DropSlot(slot, height - 1);
    return Shared(out == below ? bottom : top, height);
  }

  const Mode mode_;
  const uint32_t opacity_;
  const TaskContext& context_;
  int64_t new_bytes_ = 0;
};

}  // namespace

absl::StatusOr<Volume> BlendVolumes(const Volume& bottom, const Volume& top, Mode mode,
                                    uint32_t opacity, const TaskContext& context) {
  if (bottom.empty() && opacity == 255 && CopiesOntoAir(mode)) return top;
  if (top.empty() && !ActsOutside(mode)) return bottom;
  Blender blender(mode, opacity, context);
  const absl::Span<const Region> below = VolumeInternals::Regions(bottom);
  const absl::Span<const Region> paint = VolumeInternals::Regions(top);
  std::vector<Region> out;
  for (size_t b = 0, p = 0; b < below.size() || p < paint.size();) {
    const bool take_below = b < below.size() && (p == paint.size() || below[b].key <= paint[p].key);
    const bool take_paint = p < paint.size() && (b == below.size() || paint[p].key <= below[b].key);
    const uint64_t key = take_below ? below[b].key : paint[p].key;
    const absl::StatusOr<Slot> slot = blender.Run(
        take_below ? below[b++].slot : Slot(), take_paint ? paint[p++].slot : Slot(), kTopHeight);
    if (!slot.ok()) {
      for (const Region& region : out) internal::DropSlot(region.slot, kTopHeight);
      return slot.status();
    }
    out.push_back({key, *slot});
  }
  Volume result = VolumeInternals::Make(std::move(out));
  return VolumeInternals::Regions(result) == below ? bottom : result;
}

}  // namespace voxel
