#include "voxel/render/shader.h"

#include <algorithm>
#include <bit>
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

// How much sky the corners (-,-) (+,-) (-,+) (+,+) of a face see, by which of the voxels around it
// are there, as OccupancyReader::Around gives them.
constexpr auto kCorners = [] {
  std::array<std::array<float, 4>, 256> corners{};
  for (uint32_t bits = 0; bits < corners.size(); ++bits) {
    for (uint32_t corner = 0; corner < 4; ++corner) {
      const uint32_t side_u = bits >> (corner & 1) & 1;
      const uint32_t side_v = bits >> (2 + (corner >> 1)) & 1;
      const uint32_t between = bits >> (4 + corner) & 1;
      corners[bits][corner] = kCornerSky[(side_u & side_v) != 0 ? 3 : side_u + side_v + between];
    }
  }
  return corners;
}();

Position Neighbour(Position p, int axis, int step) {
  Component(p, axis) += uint32_t(step);
  return p;
}

float Mix(float a, float b, float part) { return a + (b - a) * part; }

}  // namespace

Shader::Shader(const Scene& scene)
    : scene_(scene),
      direction_(scene.camera.orientation.forward),
      reader_(scene.volume),
      occupancy_(scene.index),
      faces_(kRememberedFaces) {}

Tint Shader::Trace(double x, double y) {
  Tint sum;
  const Vec3 origin = scene_.camera.RayOrigin(x, y);
  const SpanMap::Span span = scene_.sight.Of(origin);
  if (span.begin >= span.end) return sum;
  RayWalk walk(scene_.index, direction_, origin, span.begin, span.end);
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

uint32_t Shader::OccludersAround(Position outside, int axis) {
  uint32_t bits = occupancy_.Around(outside, axis);
  if (!scene_.index.translucent()) return bits;
  for (uint32_t left = bits; left != 0; left &= left - 1) {
    const int i = std::countr_zero(left);
    Position p = outside;
    Component(p, (axis + 1) % 3) += uint32_t(OccupancyReader::kAround[i][0]);
    Component(p, (axis + 2) % 3) += uint32_t(OccupancyReader::kAround[i][1]);
    if (Alpha(ColorAt(p)) < 255) bits &= ~(1u << i);
  }
  return bits;
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
  face.corners = kCorners[OccludersAround(outside, hit.axis)];
}

Light Shader::LightAt(const WalkHit& hit, Vec3 origin, Face& face) {
  const bool downward = direction_.upward[size_t(hit.axis)] == 0;  // the ray; its face looks up
  const FaceLight& from = scene_.lighting.faces[FaceIndex(hit.axis, downward)];
  const bool fine = scene_.camera.pixels_per_voxel >= kFineFromPixels;
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
  if (scene_.camera.pixels_per_voxel >= kBorderFromPixels) {
    const float border = std::min({fu, 1 - fu, fv, 1 - fv});
    if (border * float(scene_.camera.pixels_per_voxel) < 0.5f) light = light * kBorderLight;
  }
  return light;
}

float Shader::Sunlight(Vec3 point, Position outside) {
  const SpanMap::Span span = scene_.sunbeams.Of(point);
  if (span.end <= 0) return 1;
  RayWalk walk(scene_.index, scene_.lighting.to_sun, point, outside, span.end);
  float left = 1;
  Color medium = kAir;
  for (WalkHit hit; walk.Next(hit);) {
    if (!scene_.index.translucent()) return 1 - scene_.lighting.shadow;
    const Color color = ColorAt(hit.voxel);
    if (hit.adjacent && color == medium) continue;
    medium = color;
    left *= 1 - float(Alpha(color)) / 255;
    if (left < kAlmostNothing) return 1 - scene_.lighting.shadow;
  }
  return scene_.lighting.shadow == 1 ? left : 1 - scene_.lighting.shadow * (1 - left);
}

}  // namespace voxel
