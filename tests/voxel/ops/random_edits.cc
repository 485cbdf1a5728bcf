#include "tests/voxel/ops/random_edits.h"

#include <algorithm>

#include "voxel/ops/operations.h"
#include "voxel/ops/placement.h"

namespace voxel {

Coord RandomEdits::AnyArena(uint64_t seed) {
  std::mt19937_64 rng(seed);
  Coord min;
  for (int axis = 0; axis < 3; ++axis) {
    constexpr int kHalf = kArenaSize / 2;
    const int32_t places[] = {-kHalf,
                              16 - kHalf,
                              64 - kHalf,
                              -256 - kHalf,
                              1024 - kHalf,
                              -1024 - kHalf,
                              kMinCoord,
                              kMaxCoord - kArenaSize,
                              5};
    min[axis] = places[rng() % std::size(places)];
  }
  return min;
}

Coord RandomEdits::AnyCoord() {
  Coord c;
  for (int axis = 0; axis < 3; ++axis) c[axis] = arena_.min[axis] + Below(kArenaSize);
  return c;
}

Box RandomEdits::AnyBox(int most) {
  Box box;
  for (int axis = 0; axis < 3; ++axis) {
    const int size = 1 + Below(most);
    box.min[axis] = arena_.min[axis] + Below(kArenaSize - size + 1);
    box.max[axis] = box.min[axis] + size;
  }
  return box;
}

Color RandomEdits::AnyColor() {
  // Few colours, so that voxels agree and palettes stay small; now and then any, so that they do
  // not.
  static constexpr Color kFew[] = {0xFF0000FF, 0x00FF00FF, 0x0000FF80, 0xFF010140, kAir};
  if (!OneIn(6)) return kFew[Below(5)];
  return Normalized(static_cast<Color>(rng_()));
}

SetVoxels RandomEdits::AnySet() {
  SetVoxels set;
  const int n = OneIn(40) ? 400 : 1 + Below(6);
  // Many in few places: duplicates, and bricks written as a whole.
  const Box box = AnyBox(n > 6 ? 8 : 3);
  const bool one_color = OneIn(2);
  for (int i = 0; i < n; ++i) {
    Coord c;
    for (int axis = 0; axis < 3; ++axis) {
      c[axis] = box.min[axis] + Below(static_cast<int>(box.Size(axis)));
    }
    set.positions.push_back(c);
    if (i == 0 || !one_color)
      set.colors.push_back(OneIn(3) ? Normalized(static_cast<Color>(rng_())) : AnyColor());
  }
  return set;
}

Torus RandomEdits::AnyTorus() {
  Torus torus;
  torus.axis = AnyAxis();
  torus.major = static_cast<uint32_t>(Below(5));
  torus.minor = static_cast<uint32_t>(1 + Below(3));
  const int reach = static_cast<int>(torus.major + torus.minor);
  for (int axis = 0; axis < 3; ++axis) {
    torus.center[axis] = arena_.min[axis] + reach + Below(kArenaSize - 2 * reach);
  }
  torus.color = AnyColor();
  return torus;
}

Line RandomEdits::AnyLine() {
  Line line;
  line.radius = OneIn(4) ? static_cast<uint32_t>(1 + Below(2)) : 0;
  const auto r = static_cast<int>(line.radius);
  const int points = 1 + Below(3);
  for (int i = 0; i < points; ++i) {
    Coord c = AnyCoord();
    for (int axis = 0; axis < 3; ++axis) {
      // Mostly short, so that a step of the model stays quick.
      if (i > 0 && !OneIn(8)) c[axis] = line.points[0][axis] + Below(9) - 4;
      c[axis] = std::clamp(c[axis], arena_.min[axis] + r, arena_.max[axis] - 1 - r);
    }
    line.points.push_back(c);
  }
  line.color = AnyColor();
  return line;
}

CopyBox RandomEdits::AnyCopy(int most) {
  CopyBox copy;
  copy.box = AnyBox(most);
  copy.count = OneIn(3) ? static_cast<uint32_t>(1 + Below(4)) : 1;
  copy.skip_empty = OneIn(2);
  if (OneIn(2)) copy.from_layer = other_;
  for (int axis = 0; axis < 3; ++axis) {
    const int room = kArenaSize - static_cast<int>(copy.box.Size(axis));
    const int step = copy.count > 1 ? Below(9) - 4 : 0;
    const int reach = step * static_cast<int>(copy.count - 1);
    copy.step[axis] = std::abs(reach) <= room ? step : 0;
    const int low = std::max(0, -reach);
    const int high = room - std::max(0, reach);
    copy.to[axis] =
        arena_.min[axis] + (copy.step[axis] == 0 ? Below(room + 1) : low + Below(high - low + 1));
    // Now and then by whole bricks, which are shared then.
    const int whole = copy.box.min[axis] + 16;
    if (copy.count == 1 && OneIn(3) && whole <= arena_.min[axis] + room) copy.to[axis] = whole;
  }
  return copy;
}

Rotate RandomEdits::AnyRotate(int most) {
  for (;;) {
    Rotate rotate;
    rotate.box = AnyBox(most);
    rotate.axis = AnyAxis();
    rotate.quarter_turns = Below(9) - 4;
    const Block extent = RotatedExtent(rotate.box, rotate.axis, rotate.quarter_turns);
    bool fits = true;
    for (int axis = 0; axis < 3; ++axis) {
      fits = fits && extent[axis].first >= arena_.min[axis] && extent[axis].last < arena_.max[axis];
    }
    if (fits) return rotate;
  }
}

Prism RandomEdits::AnyPrism(int most) {
  Prism prism;
  prism.axis = AnyAxis();
  const Box box = AnyBox(std::min(2 * most, kArenaSize));
  const int corners = 3 + Below(4);
  for (int i = 0; i < corners; ++i) {
    Coord corner = box.min;
    for (int axis = 0; axis < 3; ++axis) {
      if (axis != static_cast<int>(prism.axis)) {
        corner[axis] += Below(static_cast<int>(box.Size(axis)));
      }
    }
    prism.points.push_back(corner);
  }
  prism.length = static_cast<uint32_t>(box.Size(static_cast<int>(prism.axis)));
  prism.color = AnyColor();
  return prism;
}

Runs RandomEdits::AnyRuns() {
  Runs runs;
  const int n = 1 + Below(4);
  for (int i = 0; i < n; ++i) {
    Coord start = AnyCoord();
    if (i > 0 && OneIn(2)) start = runs.runs[0].start;  // over each other
    const int room = arena_.max.x - start.x;
    runs.runs.push_back({start, static_cast<uint32_t>(1 + Below(room))});
    runs.colors.push_back(AnyColor());
  }
  if (OneIn(2)) runs.colors.resize(1);
  return runs;
}

EditOp RandomEdits::AnyOtherShape(int most) {
  switch (Below(6)) {
    case 0:
      return Pyramid{AnyBox(most), AnyAxis(), OneIn(2), AnyColor(), AnyWall()};
    case 1: {
      const Line line = AnyLine();
      const auto radius = static_cast<int>(std::max(line.radius, 1u));
      Capsule capsule{line.points.front(), line.points.back(), line.radius + (line.radius == 0),
                      line.color};
      for (int axis = 0; axis < 3; ++axis) {
        for (Coord* end : {&capsule.from, &capsule.to}) {
          (*end)[axis] =
              std::clamp((*end)[axis], arena_.min[axis] + radius, arena_.max[axis] - 1 - radius);
        }
      }
      return capsule;
    }
    case 2:
      return AnyPrism(most);
    case 3:
      return Walls{AnyBox(most), AnyAxis(), AnyColor(), static_cast<uint32_t>(1 + Below(3))};
    case 4:
      return Faces{AnyBox(most), AnyColor(), static_cast<uint32_t>(1 + Below(3))};
    default:
      return AnyRuns();
  }
}

EditOp RandomEdits::AnyPaint(int most) {
  switch (Below(14)) {
    case 0:
      return FillBox{AnyBox(most), AnyColor(), AnyWall()};
    case 1:
      return Ellipsoid{AnyBox(most), AnyColor(), AnyWall()};
    case 2:
      return Cylinder{AnyBox(most), AnyAxis(), AnyColor(), AnyWall()};
    case 3:
      return Cone{AnyBox(most), AnyAxis(), OneIn(2), AnyColor(), AnyWall()};
    case 4:
      return AnyTorus();
    case 5:
      return AnyLine();
    case 6:
      return FloodFill{AnyCoord(), AnyColor(), OneIn(3) ? 64u : 0u, 0};
    case 7: {
      Replace replace{AnyColor(), AnyColor(), OneIn(3) ? 130u : 0u, std::nullopt};
      if (OneIn(2)) replace.box = AnyBox(most);
      return replace;
    }
    case 8:
      return AnySet();
    case 9: {
      Repaint repaint{AnyColor(), std::nullopt};
      if (!OneIn(8)) repaint.box = AnyBox(most);
      return repaint;
    }
    default:
      return AnyOtherShape(most);
  }
}

Extrude RandomEdits::AnyExtrude(int most) {
  Extrude extrude{AnyBox(most), AnyAxis(), 0, OneIn(2)};
  const int axis = static_cast<int>(extrude.axis);
  const int above = arena_.max[axis] - extrude.box.max[axis];
  const int below = extrude.box.min[axis] - arena_.min[axis];
  const bool up = below == 0 || (above > 0 && OneIn(2));
  const int length = 1 + Below(std::min(up ? above : below, 6));
  extrude.length = up ? length : -length;
  return extrude;
}

Scale RandomEdits::AnyScale(int most) {
  Scale scale;
  scale.factor = static_cast<uint32_t>(2 + Below(2));
  scale.down = OneIn(2);
  const auto factor = static_cast<int>(scale.factor);
  // The larger of both boxes lies in the arena.
  const Box small = AnyBox(std::min(most, kArenaSize / factor));
  for (int axis = 0; axis < 3; ++axis) {
    const auto size = static_cast<int>(small.Size(axis));
    scale.box.min[axis] = arena_.min[axis] + Below(kArenaSize - size * factor + 1);
    scale.box.max[axis] = scale.box.min[axis] + size * (scale.down ? factor : 1);
  }
  return scale;
}

EditOp RandomEdits::AnyRecoloring() {
  switch (Below(4)) {
    case 0: {
      Remap remap;
      for (int n = 1 + Below(3); n > 0; --n) {
        Color from = AnyColor();
        if (from == kAir) from = 0x123456FF;
        if (std::count(remap.from.begin(), remap.from.end(), from) > 0) continue;
        remap.from.push_back(from);
        remap.to.push_back(AnyColor());
      }
      return remap;
    }
    case 1:
      return Quantise{static_cast<uint32_t>(1 + Below(9))};
    case 2:
      return MergeColors{static_cast<uint32_t>(1 + Below(150))};
    default:
      return Adjust{OneIn(2) ? Below(721) - 360 : 0, OneIn(2) ? Below(201) - 100 : 0,
                    OneIn(2) ? Below(201) - 100 : 0, OneIn(2) ? Below(201) - 100 : 0};
  }
}

EditOp RandomEdits::AnyByNeighbours() {
  static constexpr Neighbours kAll[] = {Neighbours::kFaces, Neighbours::kEdges,
                                        Neighbours::kCorners};
  const auto thickness = static_cast<uint32_t>(1 + (OneIn(3) ? Below(3) : 0));
  switch (Below(3)) {
    case 0:
      return Outline{AnyColor(), kAll[Below(3)], OneIn(2), thickness};
    case 1:
      return HollowOut{thickness};
    default:
      return FillVoids{AnyColor()};
  }
}

Paste RandomEdits::AnyPaste(int most) {
  Paste paste;
  if (OneIn(2)) paste.from_layer = other_;
  paste.axis = AnyAxis();
  paste.quarter_turns = Below(9) - 4;
  for (bool& flip : paste.flip) flip = OneIn(3);
  paste.skip_empty = OneIn(2);
  paste.to = arena_.min;  // where whatever lies in the arena fits, however turned
  if (OneIn(8)) return paste;
  paste.box = AnyBox(most);
  const Block turned = PasteMap(paste, *paste.box).Apply(BlockOf(*paste.box));
  bool fits = true;
  for (int axis = 0; axis < 3; ++axis) {
    const auto size = static_cast<int32_t>(turned[axis].size());
    (*paste.to)[axis] += Below(kArenaSize - size + 1);
    fits = fits && paste.box->min[axis] <= arena_.max[axis] - size;
  }
  if (fits && OneIn(4)) paste.to.reset();
  return paste;
}

Stack RandomEdits::AnyStack(int most) {
  for (;;) {
    Stack stack{AnyBox(most), {}, static_cast<uint32_t>(1 + Below(4)), OneIn(2)};
    bool fits = false;
    for (int axis = 0; axis < 3; ++axis) {
      stack.direction[axis] = Below(3) - 1;
      fits = fits || stack.direction[axis] != 0;
    }
    for (int axis = 0; axis < 3; ++axis) {
      const int reach = stack.direction[axis] * static_cast<int>(stack.box.Size(axis)) *
                        static_cast<int>(stack.count);
      fits = fits && stack.box.min[axis] + reach >= arena_.min[axis] &&
             stack.box.max[axis] + reach <= arena_.max[axis];
    }
    if (fits) return stack;
  }
}

EditOp RandomEdits::AnyPlaced(int most) {
  switch (Below(5)) {
    case 0: {
      // Where all that lies in the arena still does.
      static constexpr Anchor kAll[] = {Anchor::kCentre, Anchor::kBase, Anchor::kMin};
      Recentre recentre{arena_.min, kAll[Below(3)]};
      for (int axis = 0; axis < 3; ++axis) {
        const bool middle =
            recentre.anchor == Anchor::kCentre || (recentre.anchor == Anchor::kBase && axis < 2);
        if (middle) recentre.to[axis] += kArenaSize / 2;
      }
      return recentre;
    }
    case 1:
    case 2:
      return AnyStack(most);
    default:
      return AnyPaste(most);
  }
}

EditOp RandomEdits::AnyWithOther(int most) {
  switch (Below(4)) {
    case 0: {
      static constexpr Combination kAll[] = {Combination::kUnion, Combination::kSubtract,
                                             Combination::kIntersect, Combination::kXor};
      return Combine{other_, kAll[Below(4)], OneIn(2)};
    }
    case 1:
      return OneIn(2) ? Flatten{} : Flatten{{other_}};
    default: {
      Cut cut{AnyBox(most), other_, std::nullopt, OneIn(2)};
      if (OneIn(3)) return cut;
      cut.to = arena_.min;
      for (int axis = 0; axis < 3; ++axis) {
        (*cut.to)[axis] += Below(kArenaSize - static_cast<int>(cut.box.Size(axis)) + 1);
      }
      return cut;
    }
  }
}

EditOp RandomEdits::AnyOther(int most) {
  switch (Below(12)) {
    case 0: {
      Clear clear;
      if (!OneIn(10)) clear.box = AnyBox(most);
      return clear;
    }
    case 1: {
      MoveBox move{AnyBox(most), {}, OneIn(2)};
      for (int axis = 0; axis < 3; ++axis) {
        const int room = kArenaSize - static_cast<int>(move.box.Size(axis));
        move.by[axis] = arena_.min[axis] + Below(room + 1) - move.box.min[axis];
      }
      return move;
    }
    case 2:
      return AnyCopy(most);
    case 3:
      return Mirror{AnyBox(most), AnyAxis()};
    case 4:
      return AnyRotate(most);
    case 5:
      return Drain{AnyCoord(), OneIn(3) ? 64u : 0u, 0};
    case 6:
      if (OneIn(10)) return Crop{AnyBox(kArenaSize)};
      return AnyExtrude(most);
    case 7:
      return AnyScale(most);
    case 8:
      return AnyRecoloring();
    case 9:
      return AnyPlaced(most);
    case 10:
      return other_.empty() ? AnyPlaced(most) : AnyWithOther(most);
    default:
      return AnyByNeighbours();
  }
}

Edit RandomEdits::NextOf(size_t operation) {
  for (;;) {
    const Edit edit = Next(12);
    if (edit.op.index() == operation) return edit;
  }
}

Edit RandomEdits::Next(int most) {
  Edit edit;
  if (OneIn(5)) edit.clip = AnyBox(OneIn(2) ? kArenaSize : 8);
  // What reads and writes whole boxes costs most, so it is rarer: a million edits must stay cheap.
  edit.op = OneIn(8) ? AnyOther(most) : OneIn(2) ? EditOp(AnySet()) : AnyPaint(most);
  // The intersect modes empty the arena, so they are rare.
  if (OperationOf(edit.op).paints && OneIn(3)) edit.mode = static_cast<Mode>(1 + Below(9));
  if (ActsOutside(edit.mode) && !OneIn(8)) edit.mode = Mode::kOver;
  Coord* seed = nullptr;
  if (auto* flood = std::get_if<FloodFill>(&edit.op)) seed = &flood->seed;
  if (auto* drain = std::get_if<Drain>(&edit.op)) seed = &drain->seed;
  if (seed != nullptr) {
    // A flood needs a clip box around its seed wherever it may meet air; small, for the model's
    // sake.
    const Box near = AnyBox(OneIn(10) ? 14 : 5);
    edit.clip = near;
    for (int axis = 0; axis < 3; ++axis) {
      (*seed)[axis] = near.min[axis] + Below(static_cast<int>(near.Size(axis)));
    }
  }
  if (auto* replace = std::get_if<Replace>(&edit.op);
      replace != nullptr && !replace->box && !edit.clip) {
    edit.clip = AnyBox(8);
  }
  // An outline goes beyond the arena.
  if (std::holds_alternative<Outline>(edit.op) && !edit.clip) edit.clip = arena_;
  return edit;
}

}  // namespace voxel
