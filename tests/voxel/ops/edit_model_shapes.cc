// The shapes of the model, each as an inequality in 128 bits asked for every voxel of a box.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tests/voxel/ops/edit_model.h"

namespace voxel {
namespace {

__extension__ using Wide = __int128;

template <typename Fn>
CoordSet Where(const Box& box, Fn&& inside) {
  CoordSet found;
  for (int x = box.min.x; x < box.max.x; ++x) {
    for (int y = box.min.y; y < box.max.y; ++y) {
      for (int z = box.min.z; z < box.max.z; ++z) {
        if (inside(Coord{x, y, z})) found.insert(Coord{x, y, z});
      }
    }
  }
  return found;
}

// What is left of a set with a wall: voxels with a way out of `wall` steps along an axis.
CoordSet WithWall(const CoordSet& solid, uint32_t wall) {
  if (wall == 0) return solid;
  CoordSet left;
  for (Coord c : solid) {
    bool way_out = false;
    for (int axis = 0; axis < 3 && !way_out; ++axis) {
      for (int sign : {-1, 1}) {
        for (uint32_t step = 1; step <= std::min(wall, 100u); ++step) {
          Coord next = c;
          next[axis] += sign * static_cast<int>(step);
          way_out = way_out || !solid.contains(next);
        }
      }
    }
    if (way_out) left.insert(c);
  }
  return left;
}

// Twice the distance from the middle of the box.
Wide Off(const Box& box, Coord c, int axis) {
  return Wide{2} * c[axis] - box.min[axis] - box.max[axis] + 1;
}

}  // namespace

CoordSet ShapeVoxels(const FillBox& op) {
  return WithWall(Where(op.box, [](Coord) { return true; }), op.wall);
}

CoordSet ShapeVoxels(const Ellipsoid& op) {
  const Wide a = op.box.Size(0) * op.box.Size(0);
  const Wide b = op.box.Size(1) * op.box.Size(1);
  const Wide c = op.box.Size(2) * op.box.Size(2);
  const auto inside = [&](Coord p) {
    const Wide x = Off(op.box, p, 0);
    const Wide y = Off(op.box, p, 1);
    const Wide z = Off(op.box, p, 2);
    return x * x * b * c + y * y * a * c + z * z * a * b <= a * b * c;
  };
  return WithWall(Where(op.box, inside), op.wall);
}

CoordSet ShapeVoxels(const Cylinder& op) {
  const int u = op.axis == Axis::kX ? 1 : 0;
  const int v = op.axis == Axis::kZ ? 1 : 2;
  const Wide a = op.box.Size(u) * op.box.Size(u);
  const Wide b = op.box.Size(v) * op.box.Size(v);
  const auto inside = [&](Coord p) {
    const Wide x = Off(op.box, p, u);
    const Wide y = Off(op.box, p, v);
    return x * x * b + y * y * a <= a * b;
  };
  return WithWall(Where(op.box, inside), op.wall);
}

CoordSet ShapeVoxels(const Cone& op) {
  const int w = static_cast<int>(op.axis);
  const int u = op.axis == Axis::kX ? 1 : 0;
  const int v = op.axis == Axis::kZ ? 1 : 2;
  const Wide a = op.box.Size(u) * op.box.Size(u);
  const Wide b = op.box.Size(v) * op.box.Size(v);
  const Wide height = op.box.Size(w);
  const auto inside = [&](Coord p) {
    const Wide layer = op.flipped ? op.box.max[w] - 1 - p[w] : p[w] - op.box.min[w];
    const Wide width = height - layer;
    const Wide x = Off(op.box, p, u);
    const Wide y = Off(op.box, p, v);
    const bool middle = x * x <= 1 && y * y <= 1;
    return middle || (x * x * b + y * y * a) * height * height <= a * b * width * width;
  };
  return WithWall(Where(op.box, inside), op.wall);
}

CoordSet ShapeVoxels(const Torus& op) {
  const int w = static_cast<int>(op.axis);
  const auto reach = static_cast<int32_t>(op.major + op.minor);
  const Box box{op.center - Coord{reach, reach, reach},
                op.center + Coord{reach + 1, reach + 1, reach + 1}};
  const Wide big = op.major;
  const Wide small = op.minor;
  return Where(box, [&](Coord p) {
    Wide across = 0;
    for (int i = 0; i < 3; ++i) {
      const Wide d = p[i] - op.center[i];
      if (i != w) across += d * d;
    }
    const Wide along = p[w] - op.center[w];
    // across + R^2 + along^2 - r^2 <= 2 R sqrt(across)
    const Wide left = across + big * big + along * along - small * small;
    return left <= 0 || left * left <= 4 * big * big * across;
  });
}

CoordSet ShapeVoxels(const Line& op) {
  CoordSet found;
  for (size_t i = 0; i < op.points.size(); ++i) {
    const Coord from = op.points[i == 0 ? 0 : i - 1];
    const Coord to = op.points[i];
    const Coord d = to - from;
    const int steps = std::max({std::abs(d.x), std::abs(d.y), std::abs(d.z)});
    if (op.radius == 0) {
      for (int step = 0; step <= steps; ++step) {
        Coord at = from;
        for (int axis = 0; axis < 3 && steps > 0; ++axis) {
          // Of the voxels between the ends the nearest to step / steps of the way; of two the one
          // nearer to the start.
          const int sign = d[axis] < 0 ? -1 : 1;
          int64_t best = INT64_MAX;
          for (int n = 0; n <= std::abs(d[axis]); ++n) {
            const int64_t off = std::abs(int64_t{n} * steps - int64_t{step} * std::abs(d[axis]));
            if (off < best) {
              best = off;
              at[axis] = from[axis] + sign * n;
            }
          }
        }
        found.insert(at);
      }
      continue;
    }
    const auto r = static_cast<int32_t>(op.radius);
    const Box ends = BoxAt(from).Union(BoxAt(to));
    const Box box{ends.min - Coord{r, r, r}, ends.max + Coord{r, r, r}};
    found.merge(Where(box, [&](Coord p) {
      double dot = 0;
      double length = 0;
      for (int axis = 0; axis < 3; ++axis) {
        dot += double(p[axis] - from[axis]) * d[axis];
        length += double(d[axis]) * d[axis];
      }
      const double t = length == 0 ? 0 : std::clamp(dot / length, 0.0, 1.0);
      double distance = 0;
      for (int axis = 0; axis < 3; ++axis) {
        const double off = double(p[axis] - from[axis]) - t * d[axis];
        distance += off * off;
      }
      // Squared distances are fractions over `length`, so for small lines a rounding error is far
      // below their steps.
      return distance <= double(op.radius) * op.radius + 1e-7;
    }));
  }
  return found;
}

CoordSet ShapeVoxels(const Pyramid& op) {
  const int w = static_cast<int>(op.axis);
  const Wide height = op.box.Size(w);
  const auto inside = [&](Coord p) {
    const Wide layer = op.flipped ? op.box.max[w] - 1 - p[w] : p[w] - op.box.min[w];
    for (int i = 0; i < 3; ++i) {
      if (i == w) continue;
      const Wide off = Off(op.box, p, i) < 0 ? -Off(op.box, p, i) : Off(op.box, p, i);
      if (off > 1 && off * height > op.box.Size(i) * (height - layer)) return false;
    }
    return true;
  };
  return WithWall(Where(op.box, inside), op.wall);
}

CoordSet ShapeVoxels(const Capsule& op) {
  return ShapeVoxels(Line{{op.from, op.to}, op.radius, op.color});
}

CoordSet ShapeVoxels(const Prism& op) {
  const int w = static_cast<int>(op.axis);
  const int u = w == 0 ? 1 : 0;
  const int v = w == 2 ? 1 : 2;
  Box box;
  for (Coord point : op.points) box = box.Union(BoxAt(point));
  box.max[w] = box.min[w] + static_cast<int32_t>(op.length);
  return Where(box, [&](Coord p) {
    bool odd = false;
    for (size_t i = 0; i < op.points.size(); ++i) {
      const Coord a = op.points[i] - p;
      const Coord b = op.points[(i + 1) % op.points.size()] - p;
      const Wide turn = Wide{a[u]} * b[v] - Wide{a[v]} * b[u];
      const Wide along = Wide{a[u]} * b[u] + Wide{a[v]} * b[v];
      if (turn == 0 && along <= 0) return true;  // on the side
      // A side crosses the ray towards +u if its ends lie on different sides of it, and the origin
      // to its left where it goes up.
      if ((a[v] > 0) != (b[v] > 0) && (turn > 0) == (b[v] > a[v])) odd = !odd;
    }
    return odd;
  });
}

CoordSet ShapeVoxels(const Walls& op) {
  return Where(op.box, [&](Coord p) {
    for (int i = 0; i < 3; ++i) {
      if (i == static_cast<int>(op.axis)) continue;
      if (p[i] - op.box.min[i] < Wide{op.thickness}) return true;
      if (op.box.max[i] - 1 - p[i] < Wide{op.thickness}) return true;
    }
    return false;
  });
}

CoordSet ShapeVoxels(const Faces& op) {
  CoordSet found;
  for (const Axis axis : {Axis::kX, Axis::kY}) {
    found.merge(ShapeVoxels(Walls{op.box, axis, op.color, op.thickness}));
  }
  return found;
}

}  // namespace voxel
