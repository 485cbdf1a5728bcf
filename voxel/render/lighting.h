// The light of a view: a sun, and a sky that lights faces by how far they look up. A document may
// bring its own, whose sky is the same on all sides; without one:
//
// The sun stands behind the viewer's left shoulder and above (below, for views from far below), so
// that every view is lit from the same side of the picture, as drawings are, and shows three
// different tones on the three faces it sees.
#pragma once

#include <array>

#include "voxel/render/camera.h"
#include "voxel/render/ray_walk.h"
#include "voxel/render/vec3.h"

namespace voxel {

// Light as factors on a colour's red, green and blue.
struct Light {
  float r = 0;
  float g = 0;
  float b = 0;

  friend constexpr Light operator+(Light a, Light b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
  friend constexpr Light operator*(Light a, float s) { return {a.r * s, a.g * s, a.b * s}; }
};

// What falls on the faces that look along one direction.
struct FaceLight {
  Light sky;  // dimmed by ambient occlusion
  Light sun;  // dimmed by shadow; zero for faces turned away
  bool sunlit = false;
};

struct Lighting {
  // One that suits the view.
  explicit Lighting(const Orientation& view);
  // A document's own.
  Lighting(const SceneLight& light, const Orientation& view);

  RayDirection to_sun;
  std::array<FaceLight, 6> faces;  // -x, +x, -y, +y, -z, +z
  float shadow = 1;                // how much of the sun a shadow takes
};

constexpr size_t FaceIndex(int axis, bool positive) {
  const int index = 2 * axis + (positive ? 1 : 0);
  return size_t(index);
}

}  // namespace voxel
