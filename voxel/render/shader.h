// The colour that a ray brings back: the faces it meets, with corner ambient occlusion and the
// sun's shadow.
//
// Translucent voxels: a run of voxels of one translucent colour is one body of glass or water; the
//             ray takes its colour, by its alpha, once where it enters. The kMaxSurfaces-th surface
//             is drawn opaque. In the sun, each such body lets 1 - alpha of the light through.
// Occlusion:  each corner of a face is dimmed by the opaque voxels beside and diagonal to it on the
//             face's outer side, and the four are interpolated over the face (as M. Lysenko,
//             "Ambient occlusion for Minecraft-like worlds", 2013).
// Sun:        asked for where the ray meets the face, or, of voxels too small to show it, once at
//             the face's centre.
// Threading:  one Shader per thread; all may share the scene. Results do not depend on what was
//             traced before.
// Cost:       the last few hundred faces are remembered: neighbouring rays, and the next rows,
//             mostly meet them again.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "voxel/grid/volume.h"
#include "voxel/render/camera.h"
#include "voxel/render/lighting.h"
#include "voxel/render/occupancy_index.h"
#include "voxel/render/ray_walk.h"
#include "voxel/render/span_map.h"

namespace voxel {

inline constexpr int kMaxSurfaces = 8;
// From this many pixels per voxel on, the picture shows what happens within a face.
inline constexpr double kFineFromPixels = 2;

// A colour with coverage; light is premultiplied by alpha, in 0..255 per channel; alpha in 0..1.
struct Tint {
  Light light;
  float alpha = 0;
};

// What one view shows, and by which light.
struct Scene {
  const Volume& volume;
  const OccupancyIndex& index;
  const Camera& camera;
  Lighting lighting;
  SpanMap sight;     // of the camera's rays
  SpanMap sunbeams;  // of rays to the sun
};

class Shader {
 public:
  // The scene must outlive the shader.
  explicit Shader(const Scene& scene);

  // What the ray through picture point (x, y) sees; alpha 0 where it meets nothing.
  Tint Trace(double x, double y);

 private:
  // What is known of a face, as far as it is the same all over.
  struct Face {
    Position voxel;
    int axis = -1;
    Color color = kAir;
    std::array<float, 4> corners{};  // how much sky each corner sees: (-,-) (+,-) (-,+) (+,+)
    float sun = -1;                  // at its centre; negative: not asked for yet
  };

  Color ColorAt(Position p) { return reader_.Get(scene_.index.CoordOf(p)); }
  // Which voxels around `outside` keep the sky from a face beside it, as OccupancyReader::Around.
  uint32_t OccludersAround(Position outside, int axis);
  // Where a face is remembered.
  Face& PlaceOf(const WalkHit& hit);
  // Replaces what `face` was by the face that the ray meets.
  void Enter(const WalkHit& hit, Color color, Face& face);
  // The light on a face where the ray meets it.
  Light LightAt(const WalkHit& hit, Vec3 origin, Face& face);
  // The part of the sun's light that reaches `point`, which lies on the border of the empty place
  // `outside`.
  float Sunlight(Vec3 point, Position outside);

  const Scene& scene_;
  const RayDirection direction_;
  VolumeReader reader_;
  OccupancyReader occupancy_;
  std::vector<Face> faces_;
};

}  // namespace voxel
