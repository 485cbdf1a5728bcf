#include "tests/voxel/ops/edit_model.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <variant>

namespace voxel {
namespace {

bool InClip(const Edit& edit, Coord c) { return !edit.clip || edit.clip->Contains(c); }

bool Near(Color a, Color b, uint32_t tolerance) {
  for (int shift = 0; shift < 32; shift += 8) {
    const int difference = static_cast<int>(a >> shift & 255) - static_cast<int>(b >> shift & 255);
    if (static_cast<uint32_t>(std::abs(difference)) > tolerance) return false;
  }
  return true;
}

}  // namespace

EditModel::EditModel(const Box& arena, std::string id, uint32_t opacity)
    : arena_(arena),
      id_(std::move(id)),
      opacity_(opacity),
      colors_(static_cast<size_t>(arena.Voxels())) {}

size_t EditModel::IndexOf(Coord c) const {
  const Coord at = c - arena_.min;
  return static_cast<size_t>(at.x + arena_.Size(0) * (at.y + arena_.Size(1) * at.z));
}

Color EditModel::Get(Coord c) const { return arena_.Contains(c) ? colors_[IndexOf(c)] : kAir; }

void EditModel::Put(Coord c, Color color, EditCount& count) {
  const Color before = Get(c);
  if (before == color) {
    ++count.unchanged;
    return;
  }
  ++count.changed;
  colors_.at(IndexOf(c)) = color;
  count_ += (color != kAir) - (before != kAir);
  changed_ = changed_.Union(BoxAt(c));
}

template <typename Gone>
int64_t EditModel::Erase(Gone&& gone) {
  EditCount count;
  ForEach(arena_, [&](Coord c) {
    if (Get(c) != kAir && gone(c)) Put(c, kAir, count);
  });
  return count.changed;
}

struct EditModel::Painter {
  const EditModel& model;
  const Edit& edit;
  Paint paint;

  template <typename Op>
  void operator()(const Op& op) requires requires {
    ShapeVoxels(op);
  }
  {
    for (Coord c : ShapeVoxels(op)) paint[c] = op.color;
  }
  void operator()(const SetVoxels& op) {
    for (size_t i = 0; i < op.positions.size(); ++i) {
      paint[op.positions[i]] = op.colors[op.colors.size() == 1 ? 0 : i];
    }
  }
  void operator()(const FloodFill& op) {
    const Color seed = model.Get(op.seed);
    std::deque<Coord> queue{op.seed};
    paint[op.seed] = op.color;
    while (!queue.empty()) {
      const Coord c = queue.front();
      queue.pop_front();
      for (int i = 0; i < 6; ++i) {
        Coord next = c;
        next[i / 2] += i % 2 == 0 ? 1 : -1;
        if (paint.contains(next) || !InWorld(next) || !InClip(edit, next)) continue;
        if (!Near(model.Get(next), seed, op.tolerance)) continue;
        paint[next] = op.color;
        queue.push_back(next);
      }
    }
  }
  void operator()(const Replace& op) {
    const auto consider = [&](Coord c) {
      if (Near(model.Get(c), op.from, op.tolerance)) paint[c] = op.color;
    };
    if (op.box) {
      ForEach(*op.box, consider);
    } else if (edit.clip) {
      ForEach(*edit.clip, consider);
    } else {
      ForEach(model.arena_, consider);
    }
  }
  void operator()(const Repaint& op) {
    ForEach(op.box.value_or(model.arena_), [&](Coord c) {
      if (model.Get(c) != kAir) paint[c] = op.color;
    });
  }
  void operator()(const Runs& op) {
    for (size_t i = 0; i < op.runs.size(); ++i) {
      for (uint32_t k = 0; k < op.runs[i].length; ++k) {
        paint[op.runs[i].start + Coord{static_cast<int32_t>(k), 0, 0}] =
            op.colors[op.colors.size() == 1 ? 0 : i];
      }
    }
  }
  void operator()(const Drain& op) {
    (*this)(FloodFill{op.seed, kAir, op.tolerance, op.max_voxels});
  }
  void operator()(const Extrude& op) {
    const int axis = static_cast<int>(op.axis);
    const bool erases = edit.mode == Mode::kReplace && !op.skip_empty;
    const int32_t slice = op.length > 0 ? op.box.max[axis] - 1 : op.box.min[axis];
    ForEach(op.box, [&](Coord c) {
      if (c[axis] != slice || (model.Get(c) == kAir && !erases)) return;
      const Color color = model.Get(c);
      for (int32_t i = 1; i <= std::abs(op.length); ++i) {
        c[axis] = slice + (op.length > 0 ? i : -i);
        paint[c] = color;
      }
    });
  }
  void operator()(const Outline& op) {
    for (Coord c : OutlineVoxels(model, op)) paint[c] = op.color;
  }
  void operator()(const HollowOut& op) {
    for (Coord c : CoreVoxels(model, op)) paint[c] = kAir;
  }
  void operator()(const FillVoids& op) {
    for (Coord c : VoidVoxels(model)) paint[c] = op.color;
  }
  template <typename Op>
  void operator()(const Op&) {}  // the others are not paint
};

EditModel::Paint EditModel::PaintOf(const Edit& edit) const {
  Painter painter{*this, edit, {}};
  std::visit(painter, edit.op);
  return std::move(painter.paint);
}

EditCount EditModel::ApplyPaint(const Edit& edit, const Paint& paint) {
  EditCount count;
  for (const auto& [c, color] : paint) {
    if (InClip(edit, c)) {
      Put(c, Blend(edit.mode, Get(c), color), count);
    } else {
      ++count.clipped;
    }
  }
  if (edit.mode != Mode::kIntersect && edit.mode != Mode::kIntersectFill) return count;
  count.changed += Erase([&](Coord c) { return InClip(edit, c) && !paint.contains(c); });
  return count;
}

EditCount EditModel::ApplyClear(const Edit& edit, const Clear& op) {
  EditCount count;
  if (op.box) {
    ForEach(*op.box, [&](Coord c) {
      if (InClip(edit, c)) {
        Put(c, kAir, count);
      } else {
        ++count.clipped;
      }
    });
    return count;
  }
  count.changed = Erase([&](Coord c) { return InClip(edit, c); });
  return count;
}

EditCount EditModel::ApplyCopy(const Edit& edit, const CopyBox& op) {
  const EditModel& from = Named(op.from_layer);
  Paint paint;
  for (uint32_t i = 0; i < op.count; ++i) {
    const auto times = static_cast<int32_t>(i);
    const Coord by =
        op.to - op.box.min + Coord{op.step.x * times, op.step.y * times, op.step.z * times};
    const bool erases = edit.mode == Mode::kReplace && !op.skip_empty;
    ForEach(op.box, [&](Coord c) {
      if (from.Get(c) != kAir || erases) paint[c + by] = from.Get(c);
    });
  }
  return ApplyPaint(edit, paint);
}

template <typename To>
EditCount EditModel::ApplyMove(const Edit& edit, const Box& box, bool skip_empty, To&& to) {
  Paint paint;
  ForEach(box, [&](Coord c) { paint[c] = kAir; });
  ForEach(box, [&](Coord c) {
    if (Get(c) != kAir || !skip_empty) paint[to(c)] = Get(c);
  });
  return ApplyPaint(edit, paint);
}

EditCount EditModel::ApplyScale(const Edit& edit, const Scale& op) {
  const auto factor = static_cast<int32_t>(op.factor);
  Paint paint;
  ForEach(op.box, [&](Coord c) { paint[c] = kAir; });
  Box target = op.box;
  for (int i = 0; i < 3; ++i) {
    const auto size = static_cast<int32_t>(op.box.Size(i));
    target.max[i] = target.min[i] + (op.down ? size / factor : size * factor);
  }
  ForEach(target, [&](Coord c) {
    const Coord off = c - target.min;
    if (!op.down) {
      paint[c] = Get(op.box.min + Coord{off.x / factor, off.y / factor, off.z / factor});
      return;
    }
    const Coord low = op.box.min + Coord{off.x * factor, off.y * factor, off.z * factor};
    std::map<Color, int> votes;
    ForEach({low, low + Coord{factor, factor, factor}}, [&](Coord from) { ++votes[Get(from)]; });
    const int empty = votes[kAir];
    votes.erase(kAir);
    // The first of the most frequent ones is the one with the smallest number.
    const auto most =
        std::max_element(votes.begin(), votes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    paint[c] = 2 * empty > factor * factor * factor ? kAir : most->first;
  });
  return ApplyPaint(edit, paint);
}

template <typename Image>
EditCount EditModel::Recolor(const Edit& edit, Image&& image) {
  Paint paint;
  ForEach(arena_, [&](Coord c) {
    if (Get(c) != kAir) paint[c] = image(Get(c));
  });
  return ApplyPaint(edit, paint);
}

std::map<Color, int64_t> EditModel::CountColors(const Edit& edit) const {
  std::map<Color, int64_t> counts;
  ForEach(arena_, [&](Coord c) {
    if (Get(c) != kAir && InClip(edit, c)) ++counts[Get(c)];
  });
  return counts;
}

Coord Rotated(const Rotate& op, Coord c) {
  // In the plane across the axis, u then v then the axis are right-handed; a turn takes u to v.
  const int w = static_cast<int>(op.axis);
  const int u = (w + 1) % 3;
  const int v = (w + 2) % 3;
  const auto a = static_cast<int32_t>(op.box.Size(u));
  const auto b = static_cast<int32_t>(op.box.Size(v));
  const int32_t p = c[u] - op.box.min[u];
  const int32_t q = c[v] - op.box.min[v];
  const int32_t shift = (a - b) % 2 == 0 ? (a - b) / 2 : 0;
  Coord out = c;
  switch ((op.quarter_turns % 4 + 4) % 4) {
    case 1:
      out[u] = op.box.min[u] + shift + b - 1 - q;
      out[v] = op.box.min[v] - shift + p;
      break;
    case 2:
      out[u] = op.box.min[u] + a - 1 - p;
      out[v] = op.box.min[v] + b - 1 - q;
      break;
    case 3:
      out[u] = op.box.min[u] + shift + q;
      out[v] = op.box.min[v] - shift + a - 1 - p;
      break;
  }
  return out;
}

EditCount EditModel::Apply(const Edit& edit) {
  if (const auto* op = std::get_if<Clear>(&edit.op)) return ApplyClear(edit, *op);
  if (const auto* op = std::get_if<CopyBox>(&edit.op)) return ApplyCopy(edit, *op);
  if (const auto* op = std::get_if<MoveBox>(&edit.op)) {
    return ApplyMove(edit, op->box, op->skip_empty, [op](Coord c) { return c + op->by; });
  }
  if (const auto* op = std::get_if<Mirror>(&edit.op)) {
    const int axis = static_cast<int>(op->axis);
    return ApplyMove(edit, op->box, false, [op, axis](Coord c) {
      c[axis] = op->box.min[axis] + (op->box.max[axis] - 1 - c[axis]);
      return c;
    });
  }
  if (const auto* op = std::get_if<Rotate>(&edit.op)) {
    return ApplyMove(edit, op->box, false, [op](Coord c) { return Rotated(*op, c); });
  }
  if (const auto* op = std::get_if<Crop>(&edit.op)) {
    EditCount count;
    count.changed = Erase([&](Coord c) { return InClip(edit, c) && !op->box.Contains(c); });
    return count;
  }
  if (const auto* op = std::get_if<Scale>(&edit.op)) return ApplyScale(edit, *op);
  if (const auto* op = std::get_if<Paste>(&edit.op)) return ApplyPaste(edit, *op);
  if (const auto* op = std::get_if<Cut>(&edit.op)) return ApplyCut(edit, *op);
  if (const auto* op = std::get_if<Stack>(&edit.op)) return ApplyStack(edit, *op);
  if (const auto* op = std::get_if<Recentre>(&edit.op)) return ApplyRecentre(edit, *op);
  if (const auto* op = std::get_if<Combine>(&edit.op)) return ApplyCombine(edit, *op);
  if (const auto* op = std::get_if<Flatten>(&edit.op)) return ApplyFlatten(edit, *op);
  const auto mapped = [&](const std::map<Color, Color>& map) {
    return Recolor(edit,
                   [&map](Color color) { return map.contains(color) ? map.at(color) : color; });
  };
  if (const auto* op = std::get_if<Remap>(&edit.op)) {
    std::map<Color, Color> map;
    for (size_t i = 0; i < op->from.size(); ++i) map[op->from[i]] = op->to[i];
    return mapped(map);
  }
  if (const auto* op = std::get_if<Quantise>(&edit.op)) {
    return mapped(QuantisedColors(*op, CountColors(edit)));
  }
  if (const auto* op = std::get_if<MergeColors>(&edit.op)) {
    return mapped(MergedColors(*op, CountColors(edit)));
  }
  if (const auto* op = std::get_if<Adjust>(&edit.op)) {
    return Recolor(edit, [op](Color color) { return AdjustedColor(*op, color); });
  }
  return ApplyPaint(edit, PaintOf(edit));
}

}  // namespace voxel
