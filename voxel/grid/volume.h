// A volume: the sparse voxels of one layer, as an immutable value. Copying one shares everything
// and costs a reference.
//
// Structure:  table of 1024^3 regions in Morton order -> 64-way nodes at 1024^3, 256^3, 64^3 ->
//             bricks of 16^3. A slot at any level is a uniform colour or a pointer, so a box of
//             10^9 voxels costs its surface.
// Data flow:  VolumeEditor(volume) -> edits -> Commit() -> a new Volume that shares every untouched
//             brick.
// Threading:  a Volume may be read by any number of threads; assigning to one needs the usual care.
// Units:      voxels. Positions outside the world read as air.
#pragma once

#include <cstdint>
#include <limits>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "voxel/grid/box.h"
#include "voxel/grid/brick.h"
#include "voxel/grid/color.h"
#include "voxel/grid/coord.h"

namespace voxel {

namespace internal {
class Root;
}

inline constexpr int32_t kLargestCell = 1024;

// A cube of the tree: uniform (brick == nullptr, every voxel is `color`) or one brick of 16^3.
struct Cell {
  Coord min;
  int32_t size = 0;  // 16, 64, 256 or 1024; 16 for a brick
  Color color = kAir;
  const Brick* brick = nullptr;

  Box box() const { return {min, min + Coord{size, size, size}}; }
};

class Volume {
 public:
  Volume() = default;  // empty
  Volume(const Volume&);
  Volume(Volume&&) noexcept;
  Volume& operator=(Volume) noexcept;
  ~Volume();

  Color Get(Coord c) const;
  bool empty() const;
  int64_t CountVoxels() const;  // not air; cost: nodes, counts are kept in them
  Box Bounds() const;           // tight; empty box if there are none
  // Equal content gives an equal hash, whatever the history. Cost: nodes touched since the last
  // call.
  uint64_t ContentHash() const;
  // Memory of all its nodes and bricks, shared ones counted in full. Cost: nodes.
  int64_t Bytes() const;
  // Bytes of nodes and bricks reachable from here and not from `other`. Cost: what differs. A brick
  // that `other` holds only elsewhere, in a part that both share, still counts.
  int64_t BytesNotIn(const Volume& other) const;
  // Whether both are the same snapshot (one pointer comparison; false says nothing).
  bool SharesRoot(const Volume& other) const { return root_ == other.root_; }

  // Calls fn for the cells that meet `box`, in a fixed order, air left out; fn returns false to
  // stop.
  // Cells are not clipped: they may reach over the box.
  void ForEachCell(const Box& box, absl::FunctionRef<bool(const Cell&)> fn) const;
  // The same for those that read every voxel: `colors` are a brick's, air among them, in voxel
  // order and good during the call; null for a cube of one colour. Bricks are asked for ahead.
  void ForEachColors(const Box& box,
                     absl::FunctionRef<bool(const Cell&, const Color* colors)> fn) const;
  // The 16^3 cube at `min` (a multiple of 16 on each axis) as one cell, air included.
  Cell CellAt(Coord min) const;
  // The largest uniform cube or the brick that holds `c`.
  Cell CellOf(Coord c) const;
  // Copies the voxels of `box` to `out`, x fastest. REQUIRES: out holds box.Voxels() colours.
  void ReadBox(const Box& box, Color* out) const;

 private:
  friend class VolumeEditor;
  friend class VolumeReader;
  friend struct VolumeInternals;
  explicit Volume(internal::Root* root) : root_(root) {}
  internal::Root* root_ = nullptr;  // holds one reference; null: empty
};

// Random reads that remember where the last was. A value for a hot loop's stack; the volume must
// outlive it.
class VolumeReader {
 public:
  explicit VolumeReader(const Volume& volume);
  Color Get(Coord c);
  // out[i] = Get(places[i]), at about half the cost: the memory of many voxels is waited for at
  // once. REQUIRES: out holds places.size() colours.
  void GetMany(absl::Span<const Coord> places, Color* out);

 private:
  uint64_t SlotBitsAt(Coord c);
  void FindNear(Coord c);

  static constexpr int32_t kNowhere = std::numeric_limits<int32_t>::max();

  const internal::Root* root_;
  // The region read last, and in it the cube of 256^3, with the bits of their slots.
  Coord region_min_{kNowhere, kNowhere, kNowhere};
  Coord near_min_{kNowhere, kNowhere, kNowhere};
  uint64_t region_slot_ = 0;
  uint64_t near_slot_ = 0;
};

}  // namespace voxel
