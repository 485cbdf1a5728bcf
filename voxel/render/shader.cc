#include "voxel/render/shader.h"

#include <algorithm>
#include <cmath>

namespace voxel {
namespace {

// Sky that a corner sees, by how many of the three voxels around it are there.
constexpr std::array<float, 4> kCornerSky = {1.0f, 0.80f, 0.66f, 0.55f};
// Faces that are drawn large get a fine darker border, so that walls of one colour show their
// voxels.
constexpr double kBorderFromPixels = 7;  // per voxel
constexpr float kBorderLight = 0.93f;
constexpr float kAlmostNothing = 1.0f / 512;
constexpr size_t kRememberedFaces = 1024;

Position Neighbour(Position p, int axis, int step) {
  Component(p, axis) += uint32_t(step);
  return p;
}

float Mix(float a, float b, float part) { return a + (b - a) * part; }

}  // namespace

Shader::Shader(const Volume& volume, const OccupancyIndex& index, const Camera& camera,
               const Lighting& lighting, const Clearance& clearance)
    : index_(index),
      camera_(camera),
      lighting_(lighting),
      clearance_(clearance),
      direction_(camera.orientation.forward),
      reader_(volume),
      faces_(kRememberedFaces) {}

void Shader::BeginTile(double x, double y) {
  const double half = kTileSide / 2.0;
  start_ = clearance_.Start(direction_, camera_.RayOrigin(x + half, y + half));
}

Tint Shader::Trace(double x, double y) {
  Tint sum;
  if (!start_.has_value()) return sum;
  const Vec3 origin = camera_.RayOrigin(x, y);
  RayWalk walk(index_, direction_, origin, *start_);
  Color medium = kAir;
  int surfaces = 0;
  for (WalkHit hit; walk.Next(hit);) {
    Face& face = PlaceOf(hit);
    if (hit.voxel != face.voxel || hit.axis != face.axis) {
      const Color color = ColorAt(hit.voxel);
      if (hit.adjacent && color == medium) continue;  // deeper in the same body
      Enter(hit, color, face);
    }
    medium = face.color;
    const float alpha = ++surfaces == kMaxSurfaces ? 1 : float(Alpha(medium)) / 255;
    const float part = (1 - sum.alpha) * alpha;
    const Light light = LightAt(hit, origin, face);
    sum.light = sum.light + Light{float(Red(medium)) * light.r, float(Green(medium)) * light.g,
                                  float(Blue(medium)) * light.b} *
                                part;
    sum.alpha += part;
    if (1 - sum.alpha < kAlmostNothing) {
      sum.alpha = 1;
      break;
    }
  }
  return sum;
}

bool Shader::Occludes(Position p) {
  return index_.Occupied(p) && (!index_.translucent() || Alpha(ColorAt(p)) == 255);
}

Shader::Face& Shader::PlaceOf(const WalkHit& hit) {
  const uint32_t mixed = hit.voxel.x * 0x9E3779B1u ^ hit.voxel.y * 0x85EBCA77u ^
                         hit.voxel.z * 0xC2B2AE3Du ^ uint32_t(hit.axis) * 0x27D4EB2Fu;
  return faces_[(mixed ^ mixed >> 15) % kRememberedFaces];
}

void Shader::Enter(const WalkHit& hit, Color color, Face& face) {
  face.voxel = hit.voxel;
  face.axis = hit.axis;
  face.color = color;
  face.sun = -1;
  const int outward = direction_.upward[size_t(hit.axis)] != 0 ? -1 : 1;
  const Position outside = Neighbour(hit.voxel, hit.axis, outward);
  const int u = (hit.axis + 1) % 3;
  const int v = (hit.axis + 2) % 3;
  const bool before_u = Occludes(Neighbour(outside, u, -1));
  const bool after_u = Occludes(Neighbour(outside, u, 1));
  const bool before_v = Occludes(Neighbour(outside, v, -1));
  const bool after_v = Occludes(Neighbour(outside, v, 1));
  for (const int corner : {0, 1, 2, 3}) {
    const bool side_u = (corner & 1) != 0 ? after_u : before_u;
    const bool side_v = (corner & 2) != 0 ? after_v : before_v;
    int around = side_u && side_v ? 3 : int(side_u) + int(side_v);
    if (around < 3) {
      const Position beside = Neighbour(outside, u, (corner & 1) != 0 ? 1 : -1);
      around += Occludes(Neighbour(beside, v, (corner & 2) != 0 ? 1 : -1)) ? 1 : 0;
    }
    face.corners[size_t(corner)] = kCornerSky[size_t(around)];
  }
}

Light Shader::LightAt(const WalkHit& hit, Vec3 origin, Face& face) {
  const bool downward = direction_.upward[size_t(hit.axis)] == 0;  // the ray; its face looks up
  const FaceLight& from = lighting_.faces[FaceIndex(hit.axis, downward)];
  const bool fine = camera_.pixels_per_voxel >= kFineFromPixels;
  Vec3 point = origin + direction_.d * hit.t;
  point[hit.axis] = Component(hit.voxel, hit.axis) + (downward ? 1 : 0);
  const int u = (hit.axis + 1) % 3;
  const int v = (hit.axis + 2) % 3;
  const auto fraction = [&](int axis) {
    return float(std::clamp(point[axis] - Component(hit.voxel, axis), 0.0, 1.0));
  };
  const float fu = fraction(u);
  const float fv = fraction(v);
  const float sky =
      Mix(Mix(face.corners[0], face.corners[1], fu), Mix(face.corners[2], face.corners[3], fu), fv);
  Light light = from.sky * sky;
  if (from.sunlit) {
    if (!fine) {
      point[u] = Component(hit.voxel, u) + 0.5;
      point[v] = Component(hit.voxel, v) + 0.5;
    }
    if (fine || face.sun < 0) {
      face.sun = Sunlight(point, Neighbour(hit.voxel, hit.axis, downward ? 1 : -1));
    }
    // Corners are dimmed in the sun too, by less: the sky's share of what they miss.
    light = light + from.sun * (face.sun * Mix(sky, 1, 0.5f));
  }
  if (camera_.pixels_per_voxel >= kBorderFromPixels) {
    const float border = std::min({fu, 1 - fu, fv, 1 - fv});
    if (border * float(camera_.pixels_per_voxel) < 0.5f) light = light * kBorderLight;
  }
  return light;
}

float Shader::Sunlight(Vec3 point, Position outside) {
  RayWalk walk(index_, lighting_.to_sun, point, outside);
  float left = 1;
  Color medium = kAir;
  for (WalkHit hit; walk.Next(hit);) {
    if (!index_.translucent()) return 0;
    const Color color = ColorAt(hit.voxel);
    if (hit.adjacent && color == medium) continue;
    medium = color;
    left *= 1 - float(Alpha(color)) / 255;
    if (left < kAlmostNothing) return 0;
  }
  return left;
}

}  // namespace voxel
