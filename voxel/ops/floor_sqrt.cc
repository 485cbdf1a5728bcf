#include "voxel/ops/floor_sqrt.h"

#include <cmath>

namespace voxel {

int64_t FloorSqrt(int64_t n) {
  // A double carries 53 bits and the root at most 32, so the guess is off by one at most. Unsigned,
  // because the square of the number after the root may need the 64th bit.
  const auto square = static_cast<uint64_t>(n);
  auto root = static_cast<uint64_t>(std::sqrt(static_cast<double>(n)));
  while (root * root > square) --root;
  while ((root + 1) * (root + 1) <= square) ++root;
  return static_cast<int64_t>(root);
}

int64_t FloorSqrt(Int128 n) {
  if (n < (Int128{1} << 62)) return FloorSqrt(static_cast<int64_t>(n));
  // One step of Newton's method from a guess with a relative error below 2^-50 leaves one below
  // 2^-99, which is less than one unit of a 62-bit root.
  auto root = static_cast<Int128>(std::sqrt(static_cast<double>(n)));
  root = (root + n / root) / 2;
  while (root * root > n) --root;
  while ((root + 1) * (root + 1) <= n) ++root;
  return static_cast<int64_t>(root);
}

}  // namespace voxel
