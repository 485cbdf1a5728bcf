// How alike two volumes are: what is missing, what is too much, what has another colour.
//
// Difference of two colours: the mean of their channels' differences, alpha included, from 0 to 1.
// Cost:      the nodes that the two do not share; bricks by their bits, and those whose colours
//            differ by their voxels.
// Threading: pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

struct CompareOptions {
  Box box = kWorld;            // only here
  uint32_t tolerance = 0;      // colours match if no channel differs by more
  bool ignore_colors = false;  // all colours match
  size_t max_samples = 0;      // positions of each kind
};

struct Comparison {
  int64_t voxels = 0;            // not air
  int64_t blueprint_voxels = 0;  // not air
  int64_t missing = 0;           // only in the blueprint
  int64_t extra = 0;             // only in the volume
  int64_t miscolored = 0;        // in both, colours that do not match
  double difference = 0;         // of the miscoloured voxels' channels, summed: a whole number
  Box missing_bounds;            // tight; empty if there are none
  Box extra_bounds;
  Box miscolored_bounds;
  // The first ones, in the order of the tree's cells.
  std::vector<Coord> missing_samples;
  std::vector<Coord> extra_samples;
  std::vector<Coord> miscolored_samples;

  Box bounds() const { return missing_bounds.Union(extra_bounds).Union(miscolored_bounds); }
  int64_t matched() const { return voxels - extra - miscolored; }
  // Of what is in both to what is in either; 1 if there is nothing.
  double IntersectionOverUnion() const;
  // Over what is in both; 0 if there is nothing.
  double MeanColorDifference() const;
  // 1 where all matches, 0 where nothing is in both.
  double Score() const { return IntersectionOverUnion() * (1 - MeanColorDifference()); }
};

// CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<Comparison> CompareVolumes(const Volume& volume, const Volume& blueprint,
                                          const CompareOptions& options,
                                          const TaskContext& context);

}  // namespace voxel
