// The operations of the model that know another layer, or place all of one.
#include <algorithm>
#include <utility>

#include "tests/voxel/ops/edit_model.h"

namespace voxel {
namespace {

// Where a paste takes a voxel that lies `off` from the min of a box of these sizes, from the min of
// where that lands.
Coord Pasted(const Paste& op, Coord off, Coord size) {
  for (int i = 0; i < 3; ++i) {
    if (op.flip[i]) off[i] = size[i] - 1 - off[i];
  }
  const int u = (static_cast<int>(op.axis) + 1) % 3;
  const int v = (static_cast<int>(op.axis) + 2) % 3;
  for (int turn = 0; turn < (op.quarter_turns % 4 + 4) % 4; ++turn) {
    const Coord before = off;
    off[u] = size[v] - 1 - before[v];
    off[v] = before[u];
    std::swap(size[u], size[v]);
  }
  return off;
}

Coord SizeOf(const Box& box) { return box.max - box.min; }

}  // namespace

void EditModel::Join(EditModel& bottom, EditModel& top) {
  bottom.other_ = &top;
  top.other_ = &bottom;
  top.on_top_ = true;
}

Box EditModel::Bounds() const {
  Box bounds;
  ForEach(arena_, [&](Coord c) {
    if (Get(c) != kAir) bounds = bounds.Union(BoxAt(c));
  });
  return bounds;
}

EditCount EditModel::ApplyPaste(const Edit& edit, const Paste& op) {
  const EditModel& from = Named(op.from_layer);
  const Box box = op.box.value_or(from.Bounds());
  const bool erases = edit.mode == Mode::kReplace && !op.skip_empty;
  Paint paint;
  ForEach(box, [&](Coord c) {
    if (from.Get(c) == kAir && !erases) return;
    paint[op.to.value_or(box.min) + Pasted(op, c - box.min, SizeOf(box))] = from.Get(c);
  });
  return box.empty() ? EditCount() : ApplyPaint(edit, paint);
}

EditCount EditModel::ApplyCut(const Edit& edit, const Cut& op) {
  Paint paint;
  ForEach(op.box, [&](Coord c) {
    if (Get(c) != kAir || !op.skip_empty) {
      paint[op.to.value_or(op.box.min) + (c - op.box.min)] = Get(c);
    }
  });
  EditCount count = other_->ApplyPaint(edit, paint);
  const EditCount cleared = ApplyClear(edit, Clear{op.box});
  count.changed += cleared.changed;
  count.unchanged += cleared.unchanged;
  count.clipped += cleared.clipped;
  return count;
}

EditCount EditModel::ApplyStack(const Edit& edit, const Stack& op) {
  const bool erases = edit.mode == Mode::kReplace && !op.skip_empty;
  const Coord size = SizeOf(op.box);
  Paint paint;
  ForEach(op.box, [&](Coord c) {
    if (Get(c) == kAir && !erases) return;
    for (int n = 1; n <= static_cast<int>(op.count); ++n) {
      Coord to = c;
      for (int i = 0; i < 3; ++i) to[i] += n * op.direction[i] * size[i];
      paint[to] = Get(c);
    }
  });
  return ApplyPaint(edit, paint);
}

EditCount EditModel::ApplyRecentre(const Edit& edit, const Recentre& op) {
  const Box bounds = Bounds();
  Coord anchor = bounds.min;
  for (int i = 0; i < 3; ++i) {
    const bool lowest = op.anchor == Anchor::kMin || (op.anchor == Anchor::kBase && i == 2);
    if (!lowest) anchor[i] += static_cast<int32_t>(bounds.Size(i) / 2);
  }
  Paint paint;
  ForEach(bounds, [&](Coord c) {
    if (Get(c) != kAir) paint[c] = kAir;
  });
  ForEach(bounds, [&](Coord c) {
    if (Get(c) != kAir) paint[c + (op.to - anchor)] = Get(c);
  });
  return ApplyPaint(edit, paint);
}

EditCount EditModel::ApplyCombine(const Edit& edit, const Combine& op) {
  Paint paint;
  ForEach(arena_, [&](Coord c) {
    const Color own = Get(c);
    const Color other = other_->Get(c);
    if (own == kAir && other == kAir) return;
    const bool both = own != kAir && other != kAir;
    const Color color = both ? (op.take_colors ? other : own) : std::max(own, other);
    bool stays = true;
    if (op.how == Combination::kSubtract) stays = other == kAir;
    if (op.how == Combination::kIntersect) stays = both;
    if (op.how == Combination::kXor) stays = !both;
    paint[c] = stays ? color : kAir;
  });
  return ApplyPaint(edit, paint);
}

EditCount EditModel::ApplyFlatten(const Edit& edit, const Flatten& op) {
  const EditModel* stack[] = {on_top_ ? other_ : this, on_top_ ? this : other_};
  Paint paint;
  ForEach(arena_, [&](Coord c) {
    Color shown = kAir;
    for (const EditModel* layer : stack) {
      if (layer == nullptr) continue;
      if (!op.layers.empty() &&
          std::find(op.layers.begin(), op.layers.end(), layer->id_) == op.layers.end()) {
        continue;
      }
      const Color color = layer->Get(c);
      const uint32_t alpha = Alpha(color) * layer->opacity_ / 255;
      shown = Blend(Mode::kOver, shown, Rgba(Red(color), Green(color), Blue(color), alpha));
    }
    if (shown != kAir || Get(c) != kAir) paint[c] = shown;
  });
  return ApplyPaint(edit, paint);
}

}  // namespace voxel
