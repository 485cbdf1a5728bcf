#include "daemon/convert/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "absl/status/statusor.h"
#include "daemon/convert/color_text.h"
#include "daemon/convert/enums.h"
#include "daemon/convert/ids.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/grid/coord.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;
using voxel::SceneCamera;
using voxel::SceneLight;
using voxel::StrCat;

constexpr size_t kMaxCameras = 256;
constexpr double kDefaultFov = 45;

absl::Status CheckNumber(double number, double low, double high, std::string_view field) {
  if (number >= low && number <= high) return absl::OkStatus();
  return Error(Reason::INVALID_FIELD,
               StrCat(field, " is ", number, "; it takes ", low, " to ", high), field);
}

using Point = std::array<double, 3>;

// Three numbers within the world, or none.
absl::StatusOr<Point> ToPoint(const google::protobuf::RepeatedField<double>& numbers,
                              std::string_view field) {
  Point point{};
  if (numbers.empty()) return point;
  if (numbers.size() != 3) {
    return Error(Reason::INVALID_FIELD,
                 StrCat(field, " has ", numbers.size(), " numbers; it takes 3"), field);
  }
  for (int i = 0; i < 3; ++i) {
    VOXEL_RETURN_IF_ERROR(
        CheckNumber(numbers[i], voxel::kMinCoord, voxel::kMaxCoord, StrCat(field, "[", i, "]")));
    point[static_cast<size_t>(i)] = numbers[i];
  }
  return point;
}

// Puts the camera at a position, looking at its target.
absl::Status StandAt(const Point& position, std::string_view field, SceneCamera* camera) {
  const double x = position[0] - camera->target[0];
  const double y = position[1] - camera->target[1];
  const double z = position[2] - camera->target[2];
  const double over_ground = std::hypot(x, y);
  camera->distance = std::hypot(over_ground, z);
  if (camera->distance < 1) {
    return Error(Reason::INVALID_FIELD,
                 StrCat(field, " is less than a voxel away from the camera's target"), field);
  }
  constexpr double kDegrees = 180 / std::numbers::pi;
  // Azimuth 0 stands at -y.
  camera->azimuth = over_ground == 0 ? 0 : std::atan2(x, -y) * kDegrees;
  camera->elevation = std::atan2(z, over_ground) * kDegrees;
  return absl::OkStatus();
}

absl::StatusOr<SceneCamera> ToCamera(const v1::Camera& from, std::string_view field) {
  const auto path = [&](std::string_view name) { return StrCat(field, ".", name); };
  VOXEL_RETURN_IF_ERROR(CheckId(from.name(), path("name")));
  VOXEL_RETURN_IF_ERROR(CheckEnum(from.kind(), path("kind")));
  SceneCamera camera;
  camera.name = from.name();
  if (from.kind() != v1::CAMERA_KIND_UNSPECIFIED) {
    camera.kind = static_cast<SceneCamera::Kind>(from.kind() - 1);
  }
  VOXEL_ASSIGN_OR_RETURN(camera.target, ToPoint(from.target(), path("target")));
  VOXEL_RETURN_IF_ERROR(CheckNumber(from.azimuth(), -360, 360, path("azimuth")));
  VOXEL_RETURN_IF_ERROR(CheckNumber(from.elevation(), -90, 90, path("elevation")));
  VOXEL_RETURN_IF_ERROR(CheckNumber(from.roll(), -360, 360, path("roll")));
  camera.azimuth = from.azimuth();
  camera.elevation = from.elevation();
  camera.roll = from.roll();
  if (from.distance() != 0) {
    VOXEL_RETURN_IF_ERROR(CheckNumber(from.distance(), 1, voxel::kMaxCoord, path("distance")));
  }
  camera.distance = from.distance();
  camera.fov = from.fov() == 0 ? kDefaultFov : from.fov();
  VOXEL_RETURN_IF_ERROR(CheckNumber(camera.fov, 1, 170, path("fov")));
  if (from.position().empty()) return camera;
  if (from.azimuth() != 0 || from.elevation() != 0 || from.distance() != 0) {
    return Error(Reason::INVALID_FIELD,
                 StrCat(path("position"), " and azimuth, elevation or distance are both given"),
                 path("position"));
  }
  VOXEL_ASSIGN_OR_RETURN(const Point position, ToPoint(from.position(), path("position")));
  VOXEL_RETURN_IF_ERROR(StandAt(position, path("position"), &camera));
  return camera;
}

absl::StatusOr<voxel::Color> ToLightColor(const std::string& text, const voxel::Palette* palette,
                                          std::string_view field) {
  if (text.empty()) return voxel::Rgba(255, 255, 255);
  VOXEL_ASSIGN_OR_RETURN(const voxel::Color color, ParseColor(text, palette, field));
  return color | 255;
}

absl::StatusOr<SceneLight> ToLight(const v1::Light& from, const voxel::Palette* palette) {
  SceneLight light;
  VOXEL_RETURN_IF_ERROR(CheckNumber(from.azimuth(), -360, 360, "light.azimuth"));
  VOXEL_RETURN_IF_ERROR(CheckNumber(from.elevation(), -90, 90, "light.elevation"));
  light.azimuth = from.azimuth();
  light.elevation = from.elevation();
  light.follows_view = from.follows_view();
  if (from.has_intensity()) light.intensity = from.intensity();
  if (from.has_ambient()) light.ambient = from.ambient();
  if (from.has_shadow()) light.shadow = from.shadow();
  VOXEL_RETURN_IF_ERROR(CheckNumber(light.intensity, 0, 100, "light.intensity"));
  VOXEL_RETURN_IF_ERROR(CheckNumber(light.ambient, 0, 100, "light.ambient"));
  VOXEL_RETURN_IF_ERROR(CheckNumber(light.shadow, 0, 1, "light.shadow"));
  VOXEL_ASSIGN_OR_RETURN(light.color, ToLightColor(from.color(), palette, "light.color"));
  VOXEL_ASSIGN_OR_RETURN(light.ambient_color,
                         ToLightColor(from.ambient_color(), palette, "light.ambient_color"));
  return light;
}

void FromCamera(const SceneCamera& camera, v1::Camera* out) {
  out->set_name(camera.name);
  out->set_kind(static_cast<v1::CameraKind>(static_cast<int>(camera.kind) + 1));
  out->mutable_target()->Add(camera.target.begin(), camera.target.end());
  out->set_azimuth(camera.azimuth);
  out->set_elevation(camera.elevation);
  out->set_roll(camera.roll);
  out->set_distance(camera.distance);
  out->set_fov(camera.fov);
}

void FromLight(const SceneLight& light, v1::Light* out) {
  out->set_azimuth(light.azimuth);
  out->set_elevation(light.elevation);
  out->set_follows_view(light.follows_view);
  out->set_intensity(light.intensity);
  out->set_color(FormatColor(light.color));
  out->set_ambient(light.ambient);
  out->set_ambient_color(FormatColor(light.ambient_color));
  out->set_shadow(light.shadow);
}

absl::Status RemoveCameras(const v1::UpdateSceneRequest& request, voxel::Stage* stage) {
  for (int i = 0; i < request.remove_cameras_size(); ++i) {
    const std::string& name = request.remove_cameras(i);
    const auto found = std::find_if(stage->cameras.begin(), stage->cameras.end(),
                                    [&](const SceneCamera& c) { return c.name == name; });
    const std::string field = StrCat("remove_cameras[", i, "]");
    if (found == stage->cameras.end()) {
      return Error(Reason::INVALID_FIELD,
                   StrCat(field, " is \"", name.substr(0, 80), "\"; there is no such camera"),
                   field);
    }
    stage->cameras.erase(found);
  }
  return absl::OkStatus();
}

// What a file said of a camera or a light stays where it is replaced: what it says of fields that
// are new, an export writes anew.
absl::Status SetCamera(const v1::Camera& from, std::string_view field, voxel::Stage* stage) {
  VOXEL_ASSIGN_OR_RETURN(SceneCamera camera, ToCamera(from, field));
  for (SceneCamera& old : stage->cameras) {
    if (old.name != camera.name) continue;
    camera.slot = old.slot;
    camera.attributes = old.attributes;
    old = std::move(camera);
    return absl::OkStatus();
  }
  if (stage->cameras.size() >= kMaxCameras) {
    return Error(Reason::INVALID_FIELD,
                 StrCat("set_cameras would make more than ", kMaxCameras, " cameras"),
                 "set_cameras");
  }
  stage->cameras.push_back(std::move(camera));
  return absl::OkStatus();
}

}  // namespace

void FromStage(const voxel::Stage& stage, v1::Scene* out) {
  for (const SceneCamera& camera : stage.cameras) FromCamera(camera, out->add_cameras());
  if (stage.light) FromLight(*stage.light, out->mutable_light());
}

absl::Status UpdateStage(const v1::UpdateSceneRequest& request, const voxel::Palette* palette,
                         voxel::Stage* stage) {
  VOXEL_RETURN_IF_ERROR(RemoveCameras(request, stage));
  for (int i = 0; i < request.set_cameras_size(); ++i) {
    VOXEL_RETURN_IF_ERROR(SetCamera(request.set_cameras(i), StrCat("set_cameras[", i, "]"), stage));
  }
  if (request.remove_light()) stage->light.reset();
  if (!request.has_light()) return absl::OkStatus();
  if (request.remove_light()) {
    return Error(Reason::INVALID_FIELD, "light and remove_light are both given", "remove_light");
  }
  VOXEL_ASSIGN_OR_RETURN(SceneLight light, ToLight(request.light(), palette));
  if (stage->light) {
    light.sun_attributes = stage->light->sun_attributes;
    light.sky_attributes = stage->light->sky_attributes;
  }
  stage->light = std::move(light);
  return absl::OkStatus();
}

}  // namespace voxeld
