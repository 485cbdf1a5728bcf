#include "voxel/ops/find_color.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_bounds.h"

namespace voxel {
namespace {

class Finder {
 public:
  Finder(const Box& box, const ColorMatch& match, const ListedPart& part)
      : box_(box), match_(match), left_to_skip_(part.skip), part_(part) {}

  void Add(const Cell& cell) {
    if (cell.brick != nullptr) return AddBrick(cell);
    if (!match_(cell.color)) return;
    const Box part = cell.box().Intersection(box_);
    colors_[cell.color] += part.Voxels();
    found_.voxels += part.Voxels();
    found_.bounds = found_.bounds.Union(part);
    ListBox(part);
  }

  int64_t bytes() const {
    return static_cast<int64_t>(found_.runs.size() * sizeof(ColorRun) +
                                colors_.size() * sizeof(WeightedColor));
  }

  FoundColor Take() {
    for (const auto& [color, voxels] : colors_) found_.colors.push_back({color, voxels});
    std::sort(found_.colors.begin(), found_.colors.end(), [](const auto& a, const auto& b) {
      return std::tie(b.weight, a.color) < std::tie(a.weight, b.color);
    });
    return std::move(found_);
  }

 private:
  bool full() const {
    return found_.listed >= part_.most_voxels ||
           static_cast<int64_t>(found_.runs.size()) >= part_.most_runs;
  }

  void AddBrick(const Cell& cell) {
    bool any = false;
    bool all = true;
    BrickForEachColor(cell.brick, [&](Color color, int) {
      const bool matches = match_(color);
      any = any || matches;
      all = all && matches;
    });
    if (!any) return;
    BrickMask found = SolidBits(cell, box_);
    const bool whole = all && box_.Contains(cell.box());
    if (whole) {
      BrickForEachColor(cell.brick, [&](Color color, int voxels) { colors_[color] += voxels; });
    } else {
      MatchVoxels(cell.brick, found);
    }
    if (found.None()) return;
    const Box inner = MaskBounds(found);
    const int64_t voxels = found.Count();
    found_.voxels += voxels;
    found_.bounds = found_.bounds.Union({cell.min + inner.min, cell.min + inner.max});
    ListMask(cell.min, found, voxels);
  }

  // Takes out of `found` what does not match, and counts the colours of the rest.
  void MatchVoxels(const Brick* brick, BrickMask& found) {
    DenseBrick colors;
    BrickDecode(brick, colors);
    const BrickMask solid = found;
    ForEachBit(solid, [&](int voxel) {
      const Color color = colors[static_cast<size_t>(voxel)];
      if (match_(color)) {
        ++colors_[color];
      } else {
        found.Put(voxel, false);
      }
    });
  }

  void ListBox(const Box& box) {
    if (left_to_skip_ >= box.Voxels()) {
      left_to_skip_ -= box.Voxels();
      return;
    }
    const int64_t width = box.Size(0);
    int64_t row = left_to_skip_ / width;  // the first one that is not skipped as a whole
    left_to_skip_ %= width;
    for (const int64_t rows = box.Size(1) * box.Size(2); row < rows && !full(); ++row) {
      const Coord start{box.min.x, static_cast<int32_t>(box.min.y + row % box.Size(1)),
                        static_cast<int32_t>(box.min.z + row / box.Size(1))};
      ListRun({start, static_cast<int32_t>(width)});
    }
  }

  void ListMask(Coord min, const BrickMask& found, int64_t voxels) {
    if (left_to_skip_ >= voxels) {
      left_to_skip_ -= voxels;
      return;
    }
    for (int row = 0; row < kBrickSize * kBrickSize && !full(); ++row) {
      for (uint32_t bits = RowOf(found, row); bits != 0 && !full();) {
        const int x = std::countr_zero(bits);
        const int length = std::countr_one(bits >> x);
        ListRun({InBrick(min, row << kBrickBits | x), length});
        bits &= ~(((uint32_t{1} << length) - 1) << x);
      }
    }
  }

  // Lists what is left of a run when the skipped and the superfluous voxels are cut off.
  void ListRun(ColorRun run) {
    const auto skip = static_cast<int32_t>(std::min<int64_t>(left_to_skip_, run.length));
    left_to_skip_ -= skip;
    run.start.x += skip;
    run.length = static_cast<int32_t>(
        std::min<int64_t>(run.length - skip, part_.most_voxels - found_.listed));
    if (run.length == 0) return;
    found_.runs.push_back(run);
    found_.listed += run.length;
  }

  const Box box_;
  const ColorMatch match_;
  int64_t left_to_skip_;
  const ListedPart part_;
  FoundColor found_;
  absl::flat_hash_map<Color, int64_t> colors_;
};

}  // namespace

absl::StatusOr<FoundColor> FindColor(const Volume& volume, const Box& box, const ColorMatch& match,
                                     const ListedPart& part, const TaskContext& context) {
  Finder finder(box, match, part);
  absl::Status status;
  volume.ForEachCell(box, [&](const Cell& cell) {
    status = context.CheckMemory(finder.bytes());
    if (status.ok()) finder.Add(cell);
    return status.ok();
  });
  VOXEL_RETURN_IF_ERROR(status);
  return finder.Take();
}

}  // namespace voxel
