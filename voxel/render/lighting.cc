#include "voxel/render/lighting.h"

#include "voxel/grid/color.h"

namespace voxel {
namespace {

// A warm sun and a bluish sky: together they leave a lit top face its own colour.
constexpr Light kSunColor{0.58f, 0.55f, 0.50f};
constexpr Light kSkyAbove{0.60f, 0.62f, 0.66f};
constexpr Light kSkyBeside{0.54f, 0.56f, 0.60f};
constexpr Light kSkyBelow{0.44f, 0.44f, 0.45f};

Vec3 SunDirection(const Orientation& view) {
  // What points away from the viewer over the ground; seen from right above or below, that is the
  // picture's up.
  Vec3 ahead{view.forward.x, view.forward.y, 0};
  if (Dot(ahead, ahead) < 1e-6) ahead = {view.up.x, view.up.y, 0};
  ahead = Normalize(ahead);
  const double height = view.forward.z > 0.5 ? -1.05 : 1.05;
  return Normalize(ahead * -0.6 + view.right * -0.78 + Vec3{0, 0, height});
}

// Where the document's sun stands.
Vec3 SunDirection(const SceneLight& light, const Orientation& view) {
  const Vec3 sun = DirectionOf(light.azimuth, light.elevation);
  if (!light.follows_view) return sun;
  return view.right * sun.x + view.forward * sun.y + view.up * sun.z;
}

Light LightOf(Color color, double intensity) {
  const auto channel = [&](uint32_t value) { return float(value * intensity / 255); };
  return {channel(Red(color)), channel(Green(color)), channel(Blue(color))};
}

}  // namespace

Lighting::Lighting(const SceneLight& light, const Orientation& view)
    : to_sun(SunDirection(light, view)), shadow(float(light.shadow)) {
  const Light sun = LightOf(light.color, light.intensity);
  for (int axis = 0; axis < 3; ++axis) {
    for (const bool positive : {false, true}) {
      FaceLight& face = faces[FaceIndex(axis, positive)];
      face.sky = LightOf(light.ambient_color, light.ambient);
      const double facing = positive ? to_sun.d[axis] : -to_sun.d[axis];
      face.sunlit = facing > 1e-3;
      if (face.sunlit) face.sun = sun * float(facing);
    }
  }
}

Lighting::Lighting(const Orientation& view) : to_sun(SunDirection(view)) {
  for (int axis = 0; axis < 3; ++axis) {
    for (const bool positive : {false, true}) {
      FaceLight& face = faces[FaceIndex(axis, positive)];
      face.sky = axis != 2 ? kSkyBeside : positive ? kSkyAbove : kSkyBelow;
      const double facing = positive ? to_sun.d[axis] : -to_sun.d[axis];
      face.sunlit = facing > 1e-3;
      if (face.sunlit) face.sun = kSunColor * float(facing);
    }
  }
}

}  // namespace voxel
