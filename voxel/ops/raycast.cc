// Raycast: Amanatides and Woo, "A Fast Voxel Traversal Algorithm for Ray Tracing" (1987), with
// whole empty cubes as steps.
//
// Determinism: every crossing is computed afresh from the ray and an integer plane, never
//              accumulated; the position is kept in integers and only ever moves forward.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "voxel/grid/top_layer.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/placement.h"
#include "voxel/ops/shape.h"

namespace voxel {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// The voxel that `at` lies in, kept within `range`.
int64_t VoxelAt(double at, const Interval& range) {
  const double low = static_cast<double>(range.first);
  const double high = static_cast<double>(range.last);
  return static_cast<int64_t>(std::clamp(std::floor(at), low, high));
}

class Ray {
 public:
  Ray(const double origin[3], const double direction[3]) {
    // Scaled first, so that squares of huge or tiny numbers stay finite.
    double largest = 0;
    for (int i = 0; i < 3; ++i) largest = std::max(largest, std::abs(direction[i]));
    double length = 0;
    for (int i = 0; i < 3; ++i) {
      const double scaled = direction[i] / largest;
      length += scaled * scaled;
    }
    length = std::sqrt(length);
    for (int i = 0; i < 3; ++i) {
      origin_[i] = origin[i];
      direction_[i] = direction[i] / largest / length;
    }
  }

  // Puts the ray where it first meets `bounds`. False if it never does.
  bool Enter(const Block& bounds) {
    double first = 0;
    double last = kNever;
    for (int i = 0; i < 3; ++i) {
      const auto low = static_cast<double>(bounds[i].first);
      const auto high = static_cast<double>(bounds[i].last + 1);
      if (direction_[i] == 0) {
        if (origin_[i] < low || origin_[i] >= high) return false;
        continue;
      }
      const double a = ((direction_[i] > 0 ? low : high) - origin_[i]) / direction_[i];
      const double b = ((direction_[i] > 0 ? high : low) - origin_[i]) / direction_[i];
      if (a > first) {
        first = a;
        axis_ = i;
      }
      last = std::min(last, b);
    }
    if (first > last) return false;
    distance_ = first;
    for (int i = 0; i < 3; ++i) {
      at_[i] = VoxelAt(origin_[i] + direction_[i] * distance_, bounds[i]);
    }
    if (axis_ >= 0) at_[axis_] = direction_[axis_] > 0 ? bounds[axis_].first : bounds[axis_].last;
    return true;
  }

  // Goes on to the first voxel beyond `block`, which holds the present one.
  void Leave(const Block& block) {
    double next = kNever;
    for (int i = 0; i < 3; ++i) {
      if (direction_[i] == 0) continue;
      const int64_t plane = direction_[i] > 0 ? block[i].last + 1 : block[i].first;
      const double t = (static_cast<double>(plane) - origin_[i]) / direction_[i];
      if (t < next) {
        next = t;
        axis_ = i;
      }
    }
    distance_ = std::max(distance_, next);
    for (int i = 0; i < 3; ++i) {
      if (i == axis_) {
        at_[i] = direction_[i] > 0 ? block[i].last + 1 : block[i].first - 1;
      } else if (direction_[i] != 0) {
        const Interval ahead =
            direction_[i] > 0 ? Interval{at_[i], block[i].last} : Interval{block[i].first, at_[i]};
        at_[i] = VoxelAt(origin_[i] + direction_[i] * distance_, ahead);
      }
    }
  }

  const int64_t* at() const { return at_; }
  double distance() const { return distance_; }
  // Of the face that was crossed last; zero if none was.
  Coord normal() const {
    Coord normal;
    if (axis_ >= 0) normal[axis_] = direction_[axis_] > 0 ? -1 : 1;
    return normal;
  }

 private:
  double origin_[3];
  double direction_[3];
  int64_t at_[3] = {0, 0, 0};
  double distance_ = 0;
  int axis_ = -1;
};

bool Inside(const int64_t* at, const Block& block) {
  for (int i = 0; i < 3; ++i) {
    if (at[i] < block[i].first || at[i] > block[i].last) return false;
  }
  return true;
}

class Scene {
 public:
  explicit Scene(const Document& document) : document_(document) {
    for (const RefPtr<const Layer>& layer : document.layers) {
      if (!layer->visible || layer->volume.empty()) continue;
      const WideTransform to_world = WideTransform::Of(layer->transform);
      const Block bounds = to_world.Apply(BlockOf(layer->volume.Bounds()));
      layers_.push_back({layer.get(), bounds, to_world, to_world.Inverse()});
      for (int i = 0; i < 3; ++i) {
        bounds_[i].first = std::min(bounds_[i].first, bounds[i].first);
        bounds_[i].last = std::max(bounds_[i].last, bounds[i].last);
      }
    }
  }

  const Block& bounds() const { return bounds_; }

  // A block around `at` without a voxel of any layer; nothing if some layer has one right there.
  std::optional<Block> EmptyAround(const int64_t* at) const {
    Block empty = bounds_;
    for (const Placed& placed : layers_) {
      if (!Inside(at, placed.bounds)) {
        CutOff(placed.bounds, at, empty);
        continue;
      }
      const Coord local = Local(placed, at);
      const Cell cell = placed.layer->volume.CellOf(local);
      if (cell.brick == nullptr && cell.color == kAir) {
        Intersect(empty, placed.to_world.Apply(BlockOf(cell.box())));
        continue;
      }
      if (cell.brick == nullptr || placed.layer->volume.Get(local) != kAir) return std::nullopt;
      Intersect(empty, At(at));
    }
    return empty;
  }

  Color ColorAt(const int64_t* at) const { return CompositeAt(document_, Position(at)); }

  static Block At(const int64_t* at) { return {{{at[0], at[0]}, {at[1], at[1]}, {at[2], at[2]}}}; }
  static Coord Position(const int64_t* at) {
    return {static_cast<int32_t>(at[0]), static_cast<int32_t>(at[1]), static_cast<int32_t>(at[2])};
  }

 private:
  struct Placed {
    const Layer* layer;
    Block bounds;  // of its voxels, in the world
    WideTransform to_world;
    WideTransform to_local;
  };

  static void Intersect(Block& block, const Block& other) {
    for (int i = 0; i < 3; ++i) block[i] = block[i].Intersection(other[i]);
  }

  // Cuts `block`, which holds `at`, where `bounds`, which does not, begins.
  static void CutOff(const Block& bounds, const int64_t* at, Block& block) {
    for (int i = 0; i < 3; ++i) {
      if (at[i] < bounds[i].first) {
        block[i].last = std::min(block[i].last, bounds[i].first - 1);
        return;
      }
      if (at[i] > bounds[i].last) {
        block[i].first = std::max(block[i].first, bounds[i].last + 1);
        return;
      }
    }
  }

  // REQUIRES: `at` lies within the layer's bounds.
  static Coord Local(const Placed& placed, const int64_t* at) {
    const Block local = placed.to_local.Apply(At(at));
    const int64_t position[3] = {local[0].first, local[1].first, local[2].first};
    return Position(position);
  }

  const Document& document_;
  std::vector<Placed> layers_;
  Block bounds_{{{INT64_MAX, INT64_MIN}, {INT64_MAX, INT64_MIN}, {INT64_MAX, INT64_MIN}}};
};

}  // namespace

RayHit Raycast(const Document& document, const double origin[3], const double direction[3],
               double max_distance) {
  const Scene scene(document);
  RayHit hit;
  Ray ray(origin, direction);
  if (scene.bounds().empty() || !ray.Enter(scene.bounds())) return hit;
  while (ray.distance() <= max_distance && Inside(ray.at(), scene.bounds())) {
    const std::optional<Block> empty = scene.EmptyAround(ray.at());
    // Layers may cancel each other out, so a voxel in some layer need not be one of the composite.
    if (!empty) hit.color = scene.ColorAt(ray.at());
    if (hit.color != kAir) {
      hit.hit = true;
      hit.position = Scene::Position(ray.at());
      hit.normal = ray.normal();
      hit.distance = ray.distance();
      hit.layer = TopLayerAt(document, hit.position)->id;
      return hit;
    }
    ray.Leave(empty ? *empty : Scene::At(ray.at()));
  }
  return hit;
}

}  // namespace voxel
