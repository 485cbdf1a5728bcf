#include "voxel/ops/compare.h"

#include <cstdlib>

#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/diff.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/profile.h"

namespace voxel {
namespace {

constexpr double kMostDifference = 4 * 255;  // of the four channels together

int DifferenceOf(Color a, Color b) {
  int sum = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    sum += std::abs(static_cast<int>(a >> shift & 255) - static_cast<int>(b >> shift & 255));
  }
  return sum;
}

class Comparer {
 public:
  explicit Comparer(const CompareOptions& options) : options_(options) {}

  void Add(const Cell& cell, const Cell& wanted) {
    if (cell.brick == nullptr && wanted.brick == nullptr) {
      AddUniform(cell, wanted);
    } else {
      AddBricks(cell, wanted);
    }
  }

  Comparison Take() { return std::move(result_); }

 private:
  bool Matches(Color color, Color wanted) const {
    return options_.ignore_colors || ColorMatch(wanted, options_.tolerance)(color);
  }

  void AddUniform(const Cell& cell, const Cell& wanted) {
    const Box part = cell.box().Intersection(options_.box);
    if (cell.color == kAir) {
      AddBox(part, result_.missing, result_.missing_bounds, result_.missing_samples);
    } else if (wanted.color == kAir) {
      AddBox(part, result_.extra, result_.extra_bounds, result_.extra_samples);
    } else if (!Matches(cell.color, wanted.color)) {
      AddBox(part, result_.miscolored, result_.miscolored_bounds, result_.miscolored_samples);
      result_.difference +=
          DifferenceOf(cell.color, wanted.color) * static_cast<double>(part.Voxels());
    }
  }

  void AddBricks(const Cell& cell, const Cell& wanted) {
    BrickDiff diff = DiffBricks(cell, wanted, options_.box);
    if (!diff.recolored.None()) AddColors(cell, wanted, diff.recolored);
    AddMask(cell.min, diff.added, result_.missing, result_.missing_bounds, result_.missing_samples);
    AddMask(cell.min, diff.removed, result_.extra, result_.extra_bounds, result_.extra_samples);
    AddMask(cell.min, diff.recolored, result_.miscolored, result_.miscolored_bounds,
            result_.miscolored_samples);
  }

  // Takes out of `recolored` the voxels whose colours match, and adds up the others' differences.
  void AddColors(const Cell& cell, const Cell& wanted, BrickMask& recolored) {
    if (options_.ignore_colors) {
      recolored = BrickMask();
      return;
    }
    DenseBrick is;
    DenseBrick should;
    DecodeCell(cell, is);
    DecodeCell(wanted, should);
    const BrickMask all = recolored;
    ForEachBit(all, [&](int voxel) {
      const Color color = is[static_cast<size_t>(voxel)];
      const Color other = should[static_cast<size_t>(voxel)];
      if (Matches(color, other)) {
        recolored.Put(voxel, false);
      } else {
        result_.difference += DifferenceOf(color, other);
      }
    });
  }

  void AddMask(Coord min, const BrickMask& mask, int64_t& count, Box& bounds,
               std::vector<Coord>& samples) const {
    const Box inner = MaskBounds(mask);
    if (inner.empty()) return;
    count += mask.Count();
    bounds = bounds.Union({min + inner.min, min + inner.max});
    if (samples.size() >= options_.max_samples) return;
    ForEachBit(mask, [&](int voxel) {
      if (samples.size() < options_.max_samples) samples.push_back(InBrick(min, voxel));
    });
  }

  void AddBox(const Box& part, int64_t& count, Box& bounds, std::vector<Coord>& samples) const {
    count += part.Voxels();
    bounds = bounds.Union(part);
    for (int32_t z = part.min.z; z < part.max.z; ++z) {
      for (int32_t y = part.min.y; y < part.max.y; ++y) {
        for (int32_t x = part.min.x; x < part.max.x; ++x) {
          if (samples.size() >= options_.max_samples) return;
          samples.push_back({x, y, z});
        }
      }
    }
  }

  const CompareOptions& options_;
  Comparison result_;
};

}  // namespace

double Comparison::IntersectionOverUnion() const {
  const int64_t both = matched() + miscolored;
  const int64_t either = both + missing + extra;
  return either == 0 ? 1 : static_cast<double>(both) / static_cast<double>(either);
}

double Comparison::MeanColorDifference() const {
  const int64_t both = matched() + miscolored;
  return both == 0 ? 0 : difference / (kMostDifference * static_cast<double>(both));
}

absl::StatusOr<Comparison> CompareVolumes(const Volume& volume, const Volume& blueprint,
                                          const CompareOptions& options,
                                          const TaskContext& context) {
  Comparer comparer(options);
  absl::Status status;
  ForEachChangedCell(volume, blueprint, options.box, [&](const Cell& cell, const Cell& wanted) {
    status = context.Check();
    if (status.ok()) comparer.Add(cell, wanted);
    return status.ok();
  });
  VOXEL_RETURN_IF_ERROR(status);
  Comparison result = comparer.Take();
  VOXEL_ASSIGN_OR_RETURN(const Occupancy own, CountOccupied(volume, options.box, context));
  result.voxels = own.voxels;
  VOXEL_ASSIGN_OR_RETURN(const Occupancy wanted, CountOccupied(blueprint, options.box, context));
  result.blueprint_voxels = wanted.voxels;
  return result;
}

}  // namespace voxel
