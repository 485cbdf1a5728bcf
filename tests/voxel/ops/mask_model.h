// Masks and patterns done the slow way: one voxel at a time, each part written from its definition
// and not from the engine's code. What the kernels are compared with.
//
// Space: the world; `get` and the layers are asked for world positions.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>

#include "voxel/grid/voxel_set.h"
#include "voxel/ops/mask.h"
#include "voxel/ops/pattern.h"

namespace voxel {

struct MaskModel {
  std::function<Color(Coord)> get;                            // of the edit's layer
  std::map<std::string, std::function<Color(Coord)>> layers;  // by id
  std::map<std::string, VoxelSet> selections;                 // by id

  bool Matches(const Mask& mask, Coord c) const;
};

Color PatternColor(const Pattern& pattern, Coord c);

// A valid mask of every kind, about `arena`, over these colours, layers "main" and "other" and
// selections "some" and "most".
Mask AnyMask(std::mt19937_64& rng, const Box& arena, int depth);
Pattern AnyPattern(std::mt19937_64& rng, const Box& arena);

}  // namespace voxel
