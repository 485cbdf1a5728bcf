#include "voxel/ops/components.h"

#include <algorithm>
#include <array>
#include <bit>
#include <deque>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/ops/mask_flood.h"

namespace voxel {
namespace {

constexpr int kAxes = 3;
constexpr std::array<int, kAxes> kStep = {1, kBrickSize, kBrickSize* kBrickSize};

bool Lower(Coord a, Coord b) { return std::tie(a.z, a.y, a.x) < std::tie(b.z, b.y, b.x); }

int FirstBit(const BrickMask& mask) {
  int w = 0;
  while (mask.words[w] == 0) ++w;
  return w << 6 | std::countr_zero(mask.words[w]);
}

// Sets that are joined step by step, each with what its component is so far.
class Pieces {
 public:
  int Add(const Component& component) {
    parents_.push_back(static_cast<int>(parents_.size()));
    components_.push_back(component);
    return parents_.back();
  }

  void Join(int a, int b) {
    a = Find(a);
    b = Find(b);
    if (a == b) return;
    if (components_[a].voxels < components_[b].voxels) std::swap(a, b);
    parents_[b] = a;
    Component& joined = components_[a];
    const Component& other = components_[b];
    joined.voxels += other.voxels;
    joined.bounds = joined.bounds.Union(other.bounds);
    if (Lower(other.first, joined.first)) joined.first = other.first;
  }

  std::vector<Component> Roots() const {
    std::vector<Component> roots;
    for (size_t i = 0; i < parents_.size(); ++i) {
      if (parents_[i] == static_cast<int>(i)) roots.push_back(components_[i]);
    }
    return roots;
  }

  int64_t bytes() const {
    return static_cast<int64_t>(parents_.size() * (sizeof(int) + sizeof(Component)));
  }

 private:
  int Find(int i) {
    while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];  // halves the path
    return i;
  }

  std::vector<int> parents_;
  std::vector<Component> components_;
};

// The local number of each voxel's part of a brick. Only meaningful where there is a voxel.
using Labels = std::array<uint16_t, kBrickVoxels>;

// Labels the parts of `open` from 0 on, by their first voxel, and returns how many there are.
int LabelParts(const BrickMask& open, Labels& labels) {
  std::array<uint16_t, kBrickVoxels> parent;
  const auto find = [&](int i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  ForEachBit(open, [&](int voxel) {
    parent[voxel] = static_cast<uint16_t>(voxel);
    for (int axis = 0; axis < kAxes; ++axis) {
      const int before = voxel - kStep[axis];
      if ((voxel >> (4 * axis) & 15) == 0 || !open.Get(before)) continue;
      const int a = find(before);
      const int b = find(voxel);
      parent[std::max(a, b)] = static_cast<uint16_t>(std::min(a, b));
    }
  });
  int parts = 0;
  ForEachBit(open, [&](int voxel) {
    const int root = find(voxel);
    labels[voxel] = root == voxel ? static_cast<uint16_t>(parts++) : labels[root];
  });
  return parts;
}

class Finder {
 public:
  Finder(const Volume& volume, const Box& box, const TaskContext& context)
      : volume_(volume), box_(box), context_(context) {}

  absl::Status Run() {
    VOXEL_RETURN_IF_ERROR(ForEachCell([this](const Cell& cell) { AddCell(cell); }));
    return ForEachCell([this](const Cell& cell) {
      for (int axis = 0; axis < kAxes; ++axis) JoinUpwards(cell, axis);
    });
  }

  std::vector<Component> Take() const { return pieces_.Roots(); }

 private:
  // A cell's pieces are first, first + 1, ...; without labels there is one.
  struct CellPieces {
    int first = 0;
    const Labels* labels = nullptr;

    int Of(int voxel) const { return labels == nullptr ? first : first + (*labels)[voxel]; }
  };

  template <typename Fn>
  absl::Status ForEachCell(Fn&& fn) {
    absl::Status status;
    volume_.ForEachCell(box_, [&](const Cell& cell) {
      status = context_.CheckMemory(
          pieces_.bytes() + static_cast<int64_t>(labels_.size() * sizeof(Labels) +
                                                 cells_.size() * sizeof(*cells_.begin()) * 2));
      if (status.ok()) fn(cell);
      return status.ok();
    });
    return status;
  }

  void AddCell(const Cell& cell) {
    if (cell.brick == nullptr) {
      const Box part = cell.box().Intersection(box_);
      cells_[cell.min] = {pieces_.Add({part.Voxels(), part, part.min})};
      return;
    }
    const BrickMask open = SolidBits(cell, box_);
    if (open.None()) return;
    BrickMask reached;
    const int first = FirstBit(open);
    reached.Set(first);
    FloodMask(open, reached);
    if (reached == open) {
      const Box inner = MaskBounds(open);
      const Component whole{
          open.Count(), {cell.min + inner.min, cell.min + inner.max}, InBrick(cell.min, first)};
      cells_[cell.min] = {pieces_.Add(whole)};
    } else {
      AddParts(cell.min, open);
    }
  }

  void AddParts(Coord min, const BrickMask& open) {
    Labels& labels = labels_.emplace_back();
    std::vector<Component> parts(static_cast<size_t>(LabelParts(open, labels)));
    ForEachBit(open, [&](int voxel) {
      Component& part = parts[labels[voxel]];
      const Coord at = InBrick(min, voxel);
      if (part.voxels++ == 0) part.first = at;
      part.bounds = part.bounds.Union(BoxAt(at));
    });
    CellPieces pieces{0, &labels};
    for (size_t i = 0; i < parts.size(); ++i) {
      const int piece = pieces_.Add(parts[i]);
      if (i == 0) pieces.first = piece;
    }
    cells_[min] = pieces;
  }

  // Joins a cell with what touches its upper side along an axis.
  void JoinUpwards(const Cell& cell, int axis) {
    const auto found = cells_.find(cell.min);
    if (found == cells_.end()) return;
    Box slab = cell.box();
    slab.min[axis] = slab.max[axis];
    slab.max[axis] = slab.max[axis] + 1;
    slab = slab.Intersection(box_);
    if (slab.empty()) return;
    const CellPieces pieces = found->second;
    if (cell.brick != nullptr) {
      Coord next = cell.min;
      next[axis] += kBrickSize;
      const Cell other = volume_.CellOf(next);
      if (other.brick != nullptr || other.color != kAir) JoinBrick(cell, pieces, other, axis);
      return;
    }
    volume_.ForEachCell(slab, [&](const Cell& other) {
      JoinCube(pieces, other, axis);
      return true;
    });
  }

  void JoinBrick(const Cell& cell, const CellPieces& pieces, const Cell& other, int axis) {
    const auto found = cells_.find(other.min);
    if (found == cells_.end()) return;
    BrickMask meeting = CrossFace(SolidBits(cell, box_), axis, true);
    if (other.brick != nullptr) meeting = meeting & SolidBits(other, box_);
    const CellPieces& others = found->second;
    const bool one = pieces.labels == nullptr && others.labels == nullptr;
    const int back = (kBrickSize - 1) * kStep[axis];  // from a voxel to its neighbour's number
    bool done = false;
    ForEachBit(meeting, [&](int voxel) {
      if (done) return;
      pieces_.Join(pieces.Of(voxel + back), others.Of(voxel));
      done = one;
    });
  }

  void JoinCube(const CellPieces& pieces, const Cell& other, int axis) {
    const auto found = cells_.find(other.min);
    if (found == cells_.end()) return;
    if (other.brick == nullptr) return pieces_.Join(pieces.first, found->second.first);
    const BrickMask open = SolidBits(other, box_);
    ForEachBit(open, [&](int voxel) {
      if ((voxel >> (4 * axis) & 15) == 0) pieces_.Join(pieces.first, found->second.Of(voxel));
    });
  }

  const Volume& volume_;
  const Box box_;
  const TaskContext& context_;
  Pieces pieces_;
  absl::flat_hash_map<Coord, CellPieces> cells_;  // by min; the cells of a volume do not overlap
  std::deque<Labels> labels_;                     // a deque: they are pointed to
};

}  // namespace

absl::StatusOr<std::vector<Component>> FindComponents(const Volume& volume, const Box& box,
                                                      const TaskContext& context) {
  Finder finder(volume, box.Intersection(kWorld), context);
  VOXEL_RETURN_IF_ERROR(finder.Run());
  std::vector<Component> components = finder.Take();
  std::sort(components.begin(), components.end(), [](const Component& a, const Component& b) {
    return a.voxels != b.voxels ? a.voxels > b.voxels : Lower(a.first, b.first);
  });
  return components;
}

}  // namespace voxel
