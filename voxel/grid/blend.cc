#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
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

// What becomes of whole cubes where one of the volumes has nothing, or both are the same.
enum class Fate : uint8_t { kMeet, kBottom, kTop, kAir };

// How voxels of two volumes meet, and what follows from it for cubes.
struct Meeting {
  absl::FunctionRef<Color(Color bottom, Color top)> meet;
  Fate under_air;  // of the bottom where the top is air: kBottom or kAir
  Fate on_air;     // of the top where the bottom is air: kMeet, kTop or kAir
  Fate same;       // where both are one and the same: kMeet, kBottom or kAir
};

// Walks two trees at once. Every slot it returns is canonical and carries a reference.
class Blender {
 public:
  Blender(const Meeting& meeting, const TaskContext& context)
      : meeting_(meeting), context_(context) {}

  absl::StatusOr<Volume> Run(const Volume& bottom, const Volume& top) {
    if (top.empty()) return meeting_.under_air == Fate::kBottom ? bottom : Volume();
    if (bottom.empty() && meeting_.on_air != Fate::kMeet) {
      return meeting_.on_air == Fate::kTop ? top : Volume();
    }
    const absl::Span<const Region> below = VolumeInternals::Regions(bottom);
    const absl::Span<const Region> paint = VolumeInternals::Regions(top);
    std::vector<Region> out;
    for (size_t b = 0, p = 0; b < below.size() || p < paint.size();) {
      const bool take_below =
          b < below.size() && (p == paint.size() || below[b].key <= paint[p].key);
      const bool take_paint =
          p < paint.size() && (b == below.size() || paint[p].key <= below[b].key);
      const uint64_t key = take_below ? below[b].key : paint[p].key;
      const absl::StatusOr<Slot> slot = Cube(take_below ? below[b++].slot : Slot(),
                                             take_paint ? paint[p++].slot : Slot(), kTopHeight);
      if (!slot.ok()) {
        for (const Region& region : out) internal::DropSlot(region.slot, kTopHeight);
        return slot.status();
      }
      out.push_back({key, *slot});
    }
    Volume result = VolumeInternals::Make(std::move(out));
    return VolumeInternals::Regions(result) == below ? bottom : result;
  }

 private:
  static bool IsAir(Slot slot) { return slot.uniform() && slot.color() == kAir; }

  absl::StatusOr<Slot> Cube(Slot bottom, Slot top, int height) {
    Fate fate = Fate::kMeet;
    if (IsAir(top)) {
      fate = meeting_.under_air;
    } else if (IsAir(bottom)) {
      fate = meeting_.on_air;
    } else if (bottom == top) {
      fate = meeting_.same;
    }
    if (fate == Fate::kAir) return Slot();
    if (fate == Fate::kBottom) return Shared(bottom, height);
    if (fate == Fate::kTop) return Shared(top, height);
    if (top.uniform()) {
      const Color paint = top.color();
      return Mapped(bottom, height, [&](Color below) { return meeting_.meet(below, paint); });
    }
    if (bottom.uniform()) {
      const Color below = bottom.color();
      return Mapped(top, height, [&](Color paint) { return meeting_.meet(below, paint); });
    }
    return height == 0 ? Bricks(bottom, top) : Nodes(bottom, top, height);
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
    const Slot out = internal::BlendBricks(bottom.brick(), top.brick(), meeting_.meet);
    if (out == bottom) return out;
    new_bytes_ += internal::SlotBytes(out, 0);
    return out;
  }

  absl::StatusOr<Slot> Nodes(Slot bottom, Slot top, int height) {
    const std::array<Slot, kFan>& below = bottom.node()->slots;
    const std::array<Slot, kFan>& paint = top.node()->slots;
    std::array<Slot, kFan> out;
    for (int i = 0; i < kFan; ++i) {
      absl::StatusOr<Slot> child = Cube(below[i], paint[i], height - 1);
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

  const Meeting meeting_;
  const TaskContext& context_;
  int64_t new_bytes_ = 0;
};

// Of a voxel on air.
Fate OnAir(Mode mode, uint32_t opacity) {
  const bool copies = mode == Mode::kOver || mode == Mode::kMax || mode == Mode::kReplace;
  if (!copies) return Fate::kAir;  // they scale or bound the alpha that is there
  return opacity == 255 ? Fate::kTop : Fate::kMeet;
}

Color Combined(Color a, Color b, Combination how, bool colors_of_b) {
  const bool both = a != kAir && b != kAir;
  const Color color = a == kAir || (both && colors_of_b) ? b : a;
  switch (how) {
    case Combination::kUnion:
      return color;
    case Combination::kSubtract:
      return b == kAir ? a : kAir;
    case Combination::kIntersect:
      return both ? color : kAir;
    case Combination::kXor:
      return both ? kAir : color;
  }
  return color;
}

}  // namespace

absl::StatusOr<Volume> BlendVolumes(const Volume& bottom, const Volume& top, Mode mode,
                                    uint32_t opacity, const TaskContext& context) {
  const bool outside = ActsOutside(mode);
  const auto meet = [mode, opacity, outside](Color below, Color paint) {
    if (opacity != 255) {
      paint = Rgba(Red(paint), Green(paint), Blue(paint), Alpha(paint) * opacity / 255);
    }
    return paint == kAir && !outside ? below : Blend(mode, below, paint);
  };
  const Meeting meeting{meet, outside ? Fate::kAir : Fate::kBottom, OnAir(mode, opacity),
                        Fate::kMeet};
  return Blender(meeting, context).Run(bottom, top);
}

absl::StatusOr<Volume> CombineVolumes(const Volume& a, const Volume& b, Combination how,
                                      bool colors_of_b, const TaskContext& context) {
  const auto meet = [how, colors_of_b](Color own, Color other) {
    return Combined(own, other, how, colors_of_b);
  };
  const bool adds = how == Combination::kUnion || how == Combination::kXor;
  const bool keeps = how == Combination::kUnion || how == Combination::kIntersect;
  const Meeting meeting{meet, how == Combination::kIntersect ? Fate::kAir : Fate::kBottom,
                        adds ? Fate::kTop : Fate::kAir, keeps ? Fate::kBottom : Fate::kAir};
  return Blender(meeting, context).Run(a, b);
}

}  // namespace voxel
