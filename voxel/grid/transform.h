// The 48 axis-aligned rotations and mirrors, and placements made of one of them and an offset.
//
// A rotation is stored in one byte as MagicaVoxel's `_r` does: bits 0-1 name the column of the
// non-zero entry in row 0, bits 2-3 that of row 1, bits 4, 5, 6 the signs of rows 0, 1, 2 (1 =
// negative). 4 is the identity.
// Cells, not corners, are mapped: Apply(p) = floor(R * (p + 1/2)) + offset, so every rotation maps
// the grid onto itself.
#pragma once

#include <cstdint>
#include <optional>

#include "voxel/grid/box.h"
#include "voxel/grid/coord.h"

namespace voxel {

class Rotation {
 public:
  constexpr Rotation() = default;                          // identity
  static std::optional<Rotation> FromByte(uint32_t byte);  // nullopt unless `byte` is one of the 48
  // A turn of `quarter_turns` * 90 degrees about `axis`, counter-clockwise seen from its positive
  // end.
  static Rotation Quarter(Axis axis, int quarter_turns);
  static Rotation Mirror(Axis axis);

  constexpr uint8_t byte() const { return byte_; }
  // The source axis that feeds `row`, and whether it is negated: out[row] = sign * in[column(row)].
  int column(int row) const;
  bool negative(int row) const { return (byte_ >> (4 + row) & 1) != 0; }
  bool mirrors() const;  // determinant -1

  Coord ApplyToCell(Coord p) const;    // floor(R * (p + 1/2))
  Coord ApplyToVector(Coord v) const;  // R * v
  Rotation Inverse() const;
  // (outer * inner)(p) = outer(inner(p)).
  friend Rotation operator*(Rotation outer, Rotation inner);
  friend constexpr bool operator==(Rotation, Rotation) = default;

 private:
  explicit constexpr Rotation(uint8_t byte) : byte_(byte) {}
  uint8_t byte_ = 4;
};

struct Transform {
  Rotation rotation;
  Coord offset;

  bool identity() const { return rotation == Rotation() && offset == Coord{}; }
  Coord Apply(Coord cell) const { return rotation.ApplyToCell(cell) + offset; }
  Box Apply(const Box& box) const;  // the box of the mapped cells
  Transform Inverse() const;
  friend Transform operator*(const Transform& outer, const Transform& inner);
  friend bool operator==(const Transform&, const Transform&) = default;
};

}  // namespace voxel
