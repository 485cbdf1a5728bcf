// Random valid edits of every kind within a small arena, which may lie on any border of the world
// or of the tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "voxel/ops/edit.h"

namespace voxel {

class RandomEdits {
 public:
  static constexpr int kArenaSize = 28;

  RandomEdits(uint64_t seed, Coord arena_min)
      : rng_(seed), arena_{arena_min, arena_min + Coord{kArenaSize, kArenaSize, kArenaSize}} {}

  const Box& arena() const { return arena_; }
  // An arena across a border of bricks, nodes or regions, across zero, or at the rim of the world.
  static Coord AnyArena(uint64_t seed);

  // Edits after that may name another layer of the document, which the caller keeps in the arena.
  void KnowOther(const std::string& layer) { other_ = layer; }

  Edit Next() { return Next(OneIn(100) ? 20 : OneIn(8) ? 9 : 4); }
  // Its boxes are at most that long on a side.
  Edit Next(int most);
  // Of the operation with this place in EditOp, with room enough to show what it does. REQUIRES: it
  // needs no other layer, or knows one.
  Edit NextOf(size_t operation);
  // In [0, n).
  int Below(int n) { return static_cast<int>(rng_() % static_cast<uint64_t>(n)); }
  bool OneIn(int n) { return Below(n) == 0; }
  Coord AnyCoord();
  Box AnyBox(int most);
  Color AnyColor();
  Axis AnyAxis() { return static_cast<Axis>(Below(3)); }

 private:
  EditOp AnyPaint(int most);
  EditOp AnyOther(int most);
  SetVoxels AnySet();
  Torus AnyTorus();
  Line AnyLine();
  CopyBox AnyCopy(int most);
  Rotate AnyRotate(int most);
  EditOp AnyOtherShape(int most);
  Prism AnyPrism(int most);
  Runs AnyRuns();
  Extrude AnyExtrude(int most);
  Paste AnyPaste(int most);
  Stack AnyStack(int most);
  EditOp AnyPlaced(int most);
  EditOp AnyWithOther(int most);
  Scale AnyScale(int most);
  EditOp AnyRecoloring();
  EditOp AnyByNeighbours();
  uint32_t AnyWall() { return OneIn(3) ? static_cast<uint32_t>(1 + Below(3)) : 0; }

  std::mt19937_64 rng_;
  Box arena_;
  std::string other_;  // empty: there is none
};

}  // namespace voxel
