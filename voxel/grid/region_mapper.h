// VolumeEditor::MapRegion: one walk down the tree that classifies cubes and maps what is inside.
// Private to voxel/grid.
//
// Data flow: world -> octants of the region table -> regions -> nodes -> bricks; a cube that the
//            kernel calls all inside is mapped by its colours alone, an empty one that it does not
//            change is not entered. Where a region is worth it, its cubes of 64^3 are mapped as
//            tasks first, and the walk takes over their results.
// Threading: tasks run on up to context.threads threads, each on a cube of its own; the kernel is
//            called from all of them. The result does not depend on their number.
#pragma once

#include <atomic>
#include <vector>

#include "absl/status/status.h"
#include "voxel/grid/region_table.h"
#include "voxel/grid/slot_map.h"
#include "voxel/grid/volume_editor.h"

namespace voxel::internal {

class RegionMapper {
 public:
  // Everything must outlive the mapper. `box` lies in the world.
  RegionMapper(RegionTable& table, const Box& box, const RegionKernel& kernel,
               const TaskContext& context, MapCount& count, int64_t& new_bytes);

  absl::Status Run();

 private:
  struct InsideMap {
    const RegionKernel& kernel;
    void operator()(Color* colors, int n) const { kernel.MapInside(colors, n); }
  };
  struct OutsideMap {
    const RegionKernel& kernel;
    void operator()(Color* colors, int n) const { kernel.MapOutside(colors, n); }
  };

  // A cube of 64^3. `out` is as MapCube leaves it.
  struct Task {
    Slot in;
    Slot out;
    Coord min;
    MapCount count;
    absl::Status status;
  };
  // What a cube asks for.
  enum class Step : uint8_t { kNothing, kCount, kWhole, kParts };

  // The cube of 2^level regions a side at `min`, whose regions are [first, last) of the table.
  absl::Status MapOctants(Coord min, int level, size_t first, size_t last);
  absl::Status MapRegion(Coord min, bool exists, size_t index);
  // Below: `out` comes equal to `in`, which stays the caller's; where they differ afterwards, even
  //        on error, `out`
  // carries a reference of its own. An owned node is written in place.
  absl::Status MapCube(Slot in, Coord min, int height, Slot& out);
  absl::Status MapChildren(Slot in, Coord min, int height, Slot& out);
  absl::Status MapWhole(Slot in, int height, bool inside, Slot& out);
  absl::Status MapBrickPart(Slot in, Coord min, Coverage coverage, Slot& out);

  Step StepFor(Slot in, const Box& cube, Coverage& coverage);
  // Maps the cubes of 64^3 below `in` that MapCube will come to, in its order, into tasks_.
  void RunTasks(Slot in, Coord min);
  void CollectTasks(Slot in, Coord min, int height);
  // On any thread. `bytes` is what all tasks together have added so far.
  void RunTask(Task& task, std::atomic<int64_t>& bytes) const;
  absl::Status TakeTask(Slot& out);
  void DropTasks();  // those that were not taken

  // Tells context.progress that so many voxels of the box are done, if that is worth telling.
  void Report(double voxels);

  // Whether a uniform colour stays as it is wherever the coverage leaves voxels.
  bool Fixed(Color color, Coverage coverage);
  void CountInside(int64_t voxels);  // stops at INT64_MAX

  RegionTable& table_;
  const Box box_;
  const RegionKernel& kernel_;
  const TaskContext& context_;
  MapCount& count_;
  int64_t& new_bytes_;
  const bool acts_outside_;
  const InsideMap inside_map_;
  const OutsideMap outside_map_;
  SlotMapper inside_;
  SlotMapper outside_;
  bool with_tasks_ = false;  // in this region
  std::vector<Task> tasks_;
  size_t next_task_ = 0;
  double done_ = 0;      // voxels of the box whose region or part of a region is mapped
  double reported_ = 0;  // the last fraction told
};

}  // namespace voxel::internal
