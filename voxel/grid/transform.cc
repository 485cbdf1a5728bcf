#include "voxel/grid/transform.h"

namespace voxel {
namespace {

uint8_t Pack(const int column[3], const bool negative[3]) {
  return static_cast<uint8_t>(column[0] | column[1] << 2 | negative[0] << 4 | negative[1] << 5 |
                              negative[2] << 6);
}

}  // namespace

std::optional<Rotation> Rotation::FromByte(uint32_t byte) {
  const uint32_t first = byte & 3;
  const uint32_t second = byte >> 2 & 3;
  if (byte > 0x7f || first == 3 || second == 3 || first == second) return std::nullopt;
  return Rotation(static_cast<uint8_t>(byte));
}

Rotation Rotation::Quarter(Axis axis, int quarter_turns) {
  // One turn carries the next axis onto the one after it: out[b] = -in[c], out[c] = in[b].
  const int a = static_cast<int>(axis);
  const int b = (a + 1) % 3;
  const int c = (a + 2) % 3;
  int column[3];
  bool negative[3] = {false, false, false};
  column[a] = a;
  column[b] = c;
  column[c] = b;
  negative[b] = true;
  const Rotation turn(Pack(column, negative));
  Rotation out;
  for (int i = 0; i < (quarter_turns % 4 + 4) % 4; ++i) out = turn * out;
  return out;
}

Rotation Rotation::Mirror(Axis axis) {
  const int column[3] = {0, 1, 2};
  const bool negative[3] = {axis == Axis::kX, axis == Axis::kY, axis == Axis::kZ};
  return Rotation(Pack(column, negative));
}

int Rotation::column(int row) const {
  const int first = byte_ & 3;
  const int second = byte_ >> 2 & 3;
  return row == 0 ? first : row == 1 ? second : 3 - first - second;
}

bool Rotation::mirrors() const {
  const bool cyclic = (column(0) + 1) % 3 == column(1);  // an even permutation
  const bool odd_signs = negative(0) ^ negative(1) ^ negative(2);
  return cyclic == odd_signs;
}

Coord Rotation::ApplyToCell(Coord p) const {
  Coord out;
  for (int row = 0; row < 3; ++row) {
    const int32_t v = p[column(row)];
    out[row] = negative(row) ? ~v : v;  // floor(-(v + 1/2)) = -v - 1
  }
  return out;
}

Coord Rotation::ApplyToVector(Coord v) const {
  Coord out;
  for (int row = 0; row < 3; ++row) out[row] = negative(row) ? -v[column(row)] : v[column(row)];
  return out;
}

Rotation Rotation::Inverse() const {
  int column_of[3];
  bool negative_of[3];
  for (int row = 0; row < 3; ++row) {
    column_of[column(row)] = row;
    negative_of[column(row)] = negative(row);
  }
  return Rotation(Pack(column_of, negative_of));
}

Rotation operator*(Rotation outer, Rotation inner) {
  int column[3];
  bool negative[3];
  for (int row = 0; row < 3; ++row) {
    const int middle = outer.column(row);
    column[row] = inner.column(middle);
    negative[row] = outer.negative(row) != inner.negative(middle);
  }
  return Rotation(Pack(column, negative));
}

Box Transform::Apply(const Box& box) const {
  Box out;
  for (int row = 0; row < 3; ++row) {
    const int axis = rotation.column(row);
    const bool flip = rotation.negative(row);
    out.min[row] = (flip ? -box.max[axis] : box.min[axis]) + offset[row];
    out.max[row] = (flip ? -box.min[axis] : box.max[axis]) + offset[row];
  }
  return out;
}

Transform Transform::Inverse() const {
  const Rotation back = rotation.Inverse();
  return {back, Coord{} - back.ApplyToVector(offset)};
}

Transform operator*(const Transform& outer, const Transform& inner) {
  return {outer.rotation * inner.rotation,
          outer.rotation.ApplyToVector(inner.offset) + outer.offset};
}

}  // namespace voxel
