// The colour that a ray brings back: the faces it meets, with corner ambient occlusion and the sun's shadow.
//
// Translucent voxels: a run of voxels of one translucent colour is one body of glass or water; the ray takes its colour,
//             by its alpha, once where it enters. The kMaxSurfaces-th surface is drawn opaque. In the sun, each such
//             body lets 1 - alpha of the light through.
// Occlusion:  each corner of a face is dimmed by the opaque voxels beside and diagonal to it on the face's outer side,
//             and the four are interpolated over the face (as M. Lysenko, "Ambient occlusion for Minecraft-like
//             worlds", 2013).
// Threading:  one Shader per thread; all may share the scene.
#pragma once

#include <array>
#include <cstdint>

#include "voxel/grid/volume.h"
#include "voxel/render/camera.h"
#include "voxel/render/lighting.h"
#include "voxel/render/occupancy_index.h"
#include "voxel/render/ray_walk.h"

namespace voxel {

inline constexpr int kMaxSurfaces = 8;

// A colour with coverage; light is premultiplied by alpha, in 0..255 per channel; alpha in 0..1.
struct Tint {
  Light light;
  float alpha = 0;
};

class Shader {
 public:
  // All arguments must outlive the shader.
  Shader(const Volume& volume, const OccupancyIndex& index, const Camera& camera,
         const Lighting& lighting);

  // What the ray through picture point (x, y) sees; alpha 0 where it meets nothing.
  Tint Trace(double x, double y);

 private:
  // The face last looked at: neighbouring rays mostly meet the same one.
  struct Face {
    Position voxel;
    int axis = -1;
    Color color = kAir;
    std::array<float, 4> corners{};  // how much sky each corner sees: (-,-) (+,-) (-,+) (+,+)
  };

  Color ColorAt(Position p) { return reader_.Get(index_.CoordOf(p)); }
  // Whether a voxel keeps the sky from the faces beside it.
  bool Occludes(Position p);
  void Enter(const RayHit& hit);
  // The light on the present face where the ray meets it.
  Light LightAt(const RayHit& hit, Vec3 origin);
  // The part of the sun's light that reaches `point`, which lies on the border of the empty place `outside`.
  float Sunlight(Vec3 point, Position outside);

  const OccupancyIndex& index_;
  const Camera& camera_;
  const Lighting& lighting_;
  const RayDirection direction_;
  VolumeReader reader_;
  Face face_;
};

}  // namespace voxel
