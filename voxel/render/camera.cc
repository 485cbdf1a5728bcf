#include "voxel/render/camera.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>

#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxel {
namespace {

constexpr double kMargin = 0.04;  // of the picture, on each side

struct NamedView {
  std::string_view name;
  double azimuth;
  double elevation;
};
constexpr NamedView kNamedViews[] = {{"front", 0, 0},  {"back", 180, 0}, {"left", 270, 0},
                                     {"right", 90, 0}, {"top", 0, 90},   {"bottom", 0, -90}};

struct SinCos {
  double sin;
  double cos;
};

// Exact at quarter turns, where libm's pi is not.
SinCos OfDegrees(double degrees) {
  const double turn = std::fmod(degrees, 360);
  if (std::fmod(turn, 90) == 0) {
    static constexpr SinCos kQuarters[] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}};
    return kQuarters[int(turn / 90) & 3];
  }
  const double angle = turn * (std::numbers::pi / 180);
  return {std::sin(angle), std::cos(angle)};
}

Orientation Orbit(SinCos azimuth, SinCos elevation, double zoom) {
  Orientation view;
  view.right = {azimuth.cos, azimuth.sin, 0};
  view.forward = {-azimuth.sin * elevation.cos, azimuth.cos * elevation.cos, -elevation.sin};
  view.up = Cross(view.right, view.forward);
  view.zoom = zoom;
  return view;
}

absl::Status UnknownView(std::string_view name, std::string_view field) {
  constexpr std::string_view kAccepted =
      "front, back, left, right, top, bottom, iso, orbit:AZIMUTH,ELEVATION[,ZOOM] in degrees, as "
      "in "
      "orbit:30,20 or orbit:-45,35.5,2, with azimuth -360..360, elevation -90..90, zoom 0.1..100";
  return Error(Reason::INVALID_FIELD,
               StrCat("\"", name.substr(0, 80), "\" is not a view; accepted: ", kAccepted), field);
}

// The numbers of "30,20[,1.5]"; nullopt if anything is out of place or out of range.
std::optional<Orientation> ParseOrbit(std::string_view text) {
  constexpr double kLow[] = {-360, -90, 0.1};
  constexpr double kHigh[] = {360, 90, 100};
  double numbers[] = {0, 0, 1};
  int n = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (n < 3) {
    const auto [next, error] = std::from_chars(at, end, numbers[n]);
    if (error != std::errc() || !(numbers[n] >= kLow[n] && numbers[n] <= kHigh[n])) {
      return std::nullopt;
    }
    ++n;
    at = next;
    if (at == end) break;
    if (*at != ',') return std::nullopt;
    ++at;
  }
  if (n < 2 || at != end) return std::nullopt;
  return Orbit(OfDegrees(numbers[0]), OfDegrees(numbers[1]), numbers[2]);
}

}  // namespace

absl::StatusOr<Orientation> ParseView(std::string_view name, std::string_view field) {
  for (const NamedView& view : kNamedViews) {
    if (name == view.name) return Orbit(OfDegrees(view.azimuth), OfDegrees(view.elevation), 1);
  }
  if (name == "iso") {
    const double half = std::sqrt(0.5);
    return Orbit({half, half}, {std::sqrt(1.0 / 3), std::sqrt(2.0 / 3)}, 1);
  }
  constexpr std::string_view kOrbit = "orbit:";
  if (name.substr(0, kOrbit.size()) == kOrbit) {
    if (const auto orbit = ParseOrbit(name.substr(kOrbit.size()))) return *orbit;
  }
  return UnknownView(name, field);
}

Camera FitCamera(const Orientation& orientation, const Box& box, Coord origin, int32_t width,
                 int32_t height) {
  Camera camera;
  camera.orientation = orientation;
  camera.width = width;
  camera.height = height;
  double across = 0;  // what the box takes of the picture's width and height, in voxels
  double along = 0;
  for (int axis = 0; axis < 3; ++axis) {
    const double size = double(box.Size(axis));
    camera.center[axis] = double(int64_t{box.min[axis]} - origin[axis]) + size / 2;
    across += size * std::abs(orientation.right[axis]);
    along += size * std::abs(orientation.up[axis]);
  }
  const double usable = 1 - 2 * kMargin;
  camera.pixels_per_voxel =
      std::min(width * usable / across, height * usable / along) * orientation.zoom;
  return camera;
}

Vec3 DirectionOf(double azimuth, double elevation) {
  return Orbit(OfDegrees(azimuth), OfDegrees(elevation), 1).forward * -1;
}

Orientation OrientationOf(const SceneCamera& camera) {
  Orientation view = Orbit(OfDegrees(camera.azimuth), OfDegrees(camera.elevation), 1);
  if (camera.roll == 0) return view;
  // The picture turns clockwise when the camera turns the other way about its line of sight.
  const SinCos roll = OfDegrees(camera.roll);
  const Vec3 right = view.right;
  view.right = right * roll.cos + view.up * roll.sin;
  view.up = view.up * roll.cos - right * roll.sin;
  return view;
}

Camera AimCamera(const SceneCamera& camera, Coord origin, int32_t width, int32_t height) {
  Camera aimed;
  aimed.orientation = OrientationOf(camera);
  aimed.width = width;
  aimed.height = height;
  for (int axis = 0; axis < 3; ++axis) {
    aimed.center[axis] = camera.target[static_cast<size_t>(axis)] - origin[axis];
  }
  const double half = camera.fov / 2 * (std::numbers::pi / 180);
  aimed.pixels_per_voxel = height / (2 * camera.distance * std::tan(half));
  return aimed;
}

}  // namespace voxel
