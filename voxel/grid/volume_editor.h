// A transaction on a volume: edits a private copy in place and commits it as a new volume.
//
// Data flow:  VolumeEditor(base) -> Set / MapRegion / PutCell -> Commit.
// Threading:  one thread. The base volume stays as it was, whatever happens here.
// Cost:       only nodes on changed paths are copied, each once per transaction.
// Ownership:  nodes and bricks made by this transaction are marked in the slot that names them and
//             are written in place; Snapshot() clears the marks, so what a snapshot shares is never
//             written again.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

namespace internal {
struct Node;
class RegionTable;
class Slot;
}  // namespace internal

enum class Coverage : uint8_t { kOutside, kInside, kPartial };

// What MapRegion is asked to do. Virtual calls happen per cube, never per voxel.
class RegionKernel {
 public:
  virtual ~RegionKernel() = default;
  // Whether the voxels of `cube` are all outside, all inside, or mixed. kPartial is always a
  // correct answer, but for cubes larger than a brick it costs a descent. Cubes are aligned to
  // their size: 16, 64, 256 or 1024 on a side, and, so that empty space costs nothing in a huge
  // box, every power of two above that up to 2^30.
  virtual Coverage Classify(const Box& cube) const = 0;
  // Sets the bits of the voxels inside, for the brick at `min`; `mask` comes cleared. Called for
  // partial bricks.
  virtual void Mask(Coord min, BrickMask& mask) const = 0;
  // The new value of n inside voxels given their old ones. The same answer for the same colour,
  // wherever it stands.
  virtual void MapInside(Color* colors, int n) const = 0;
  // The same for voxels outside. Only asked if acts_outside(), and only within MapRegion's box.
  virtual void MapOutside(Color*, int) const {}
  virtual bool acts_outside() const { return false; }
};

// How many voxels a MapRegion covered and changed.
struct MapCount {
  // Voxels inside the kernel's shape and the box; INT64_MAX where the true count does not fit.
  int64_t inside = 0;
  int64_t changed = 0;  // voxels whose value changed, inside or outside
};

class VolumeEditor {
 public:
  explicit VolumeEditor(Volume base);
  ~VolumeEditor();
  VolumeEditor(const VolumeEditor&) = delete;
  VolumeEditor& operator=(const VolumeEditor&) = delete;

  Color Get(Coord c) const;
  // REQUIRES: InWorld(c), color normalized.
  void Set(Coord c, Color color);
  // Set for each place in turn, the last one of equal places wins. Where places lie far apart, at a
  // fraction of the cost: the memory of many is waited for at once. REQUIRES: as for Set; one
  // colour, or one for each.
  void SetMany(absl::Span<const Coord> places, absl::Span<const Color> colors);
  // Sets the voxels from `start` on along x, one for each colour: as many times Set, at a fraction
  // of the cost. REQUIRES: they lie in the world, colours normalized.
  void SetRow(Coord start, absl::Span<const Color> colors) {
    SetRowAt(start.x, start.y, start.z, colors);
  }
  // The same for n voxels whose colours are made up as they are written: color_at(place) is called
  // once for each, in order, and what it returns goes right into bricks that keep plain colours,
  // for about what writing an array costs. Inline, so that what the caller has in registers stays
  // there. REQUIRES: as above; color_at does not change the editor.
  template <typename ColorAt>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void SetRow(Coord start, int32_t n, ColorAt color_at);
  // Maps every voxel of `box` in the world: uniform cubes and palettes are mapped as such, partial
  // bricks through the mask. Adds to `count`. CALL_CANCELLED, DEADLINE_PASSED or LIMIT_MEMORY
  // (context.max_new_bytes): the editor is then half-way and only good for being dropped.
  absl::Status MapRegion(const Box& box, const RegionKernel& kernel, const TaskContext& context,
                         MapCount& count);
  // Overwrites a cube with one colour. REQUIRES: size is 16, 64, 256 or 1024 and `min` a multiple
  // of it.
  void PutCube(Coord min, int32_t size, Color color);
  // Overwrites the brick at `min` (multiples of 16).
  void PutBrick(Coord min, const DenseBrick& voxels);
  // Overwrites the brick at `min` with a brick of another volume, shared, not copied.
  void ShareBrick(Coord min, const Brick* brick);

  // The present content as a volume; the transaction goes on. O(changed since the last Snapshot).
  Volume Snapshot();
  // The end: the canonical volume. The base itself if no voxel differs from it. The editor holds
  // nothing afterwards.
  Volume Commit();

  // Memory of the nodes and bricks this transaction made and still holds.
  int64_t new_bytes() const { return new_bytes_; }

 private:
  using RowPointers = std::array<Color*, 16>;  // as many as a node of 256^3 is bricks wide

  // SetRow. The place in numbers: gcc 12 hands a Coord that was just made on through the stack,
  // stored in parts and loaded whole, and such a load waits for every store before it.
  void SetRowAt(int32_t x, int32_t y, int32_t z, absl::Span<const Color> colors);
  // Finds where the next whole brick rows of a row of n voxels are kept, as long as they may be
  // written as plain colours. Returns how many of `rows` it set; the others are left.
  int RawRows(int32_t x, int32_t y, int32_t z, int32_t n, RowPointers& rows);
  internal::Slot* TopFor(Coord c);
  void SetThroughShared(Coord c, Color color);
  // The slot of the brick around `c` if this transaction may write it in place and Set was there
  // last; else null.
  internal::Slot* OwnedBrickAt(Coord c);
  // Puts `slot`, whose reference is taken over, in place of the cube at `min`.
  void PutSlot(Coord min, int height, internal::Slot slot);
  void Canonicalize();
  void ForgetPlaces();

  static constexpr int32_t kNowhere = std::numeric_limits<int32_t>::max();

  Volume base_;
  std::unique_ptr<internal::RegionTable> table_;
  // The region of the last Set and where its slot is in the table: random writes rarely leave a
  // region.
  Coord top_min_{kNowhere, kNowhere, kNowhere};
  internal::Slot* top_ = nullptr;
  // The 256^3 node of the last Set, if this transaction made it: there the next Set starts its
  // walk.
  Coord near_min_{kNowhere, kNowhere, kNowhere};
  internal::Node* near_ = nullptr;
  int64_t new_bytes_ = 0;
};

template <typename ColorAt>
inline void VolumeEditor::SetRow(Coord start, int32_t n, ColorAt color_at) {
  constexpr int32_t kMadeUp = 64;  // at once, where bricks are not raw
  RowPointers rows;
  for (int32_t done = 0; done < n;) {
    const Coord c = start + Coord{done, 0, 0};
    const int raw = RawRows(c.x, c.y, c.z, n - done, rows);
    for (int row = 0; row < raw; ++row, done += kBrickSize) {
      // Else gcc unrolls all of it before it looks for vectors, and then finds none.
#pragma GCC unroll 4
      for (int32_t i = 0; i < kBrickSize; ++i) {
        rows[row][i] = color_at(start + Coord{done + i, 0, 0});
      }
    }
    if (raw > 0) continue;
    std::array<Color, kMadeUp> colors;
    const int32_t part = std::min(n - done, kMadeUp - (c.x & (kMadeUp - 1)));
    for (int32_t i = 0; i < part; ++i) colors[i] = color_at(c + Coord{i, 0, 0});
    SetRow(c, {colors.data(), static_cast<size_t>(part)});
    done += part;
  }
}

}  // namespace voxel
