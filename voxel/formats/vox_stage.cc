#include "voxel/formats/vox_stage.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "voxel/base/str_cat.h"
#include "voxel/formats/vox_cursor.h"
#include "voxel/grid/coord.h"
#include "voxel/grid/material.h"

namespace voxel {
namespace {

constexpr size_t kMaxCameras = 256;
constexpr std::array<std::string_view, 5> kModes = {"pers", "orth", "iso", "free", "pano"};

// The numbers of an attribute, if there are so many and all are in range.
std::optional<std::vector<double>> NumbersOf(const Attributes& attributes, std::string_view key,
                                             size_t count, double low, double high) {
  const auto numbers = ParseFloats(FindAttribute(attributes, key));
  if (!numbers || numbers->size() != count) return std::nullopt;
  const auto fits = [&](double number) { return number >= low && number <= high; };
  if (!std::all_of(numbers->begin(), numbers->end(), fits)) return std::nullopt;
  return numbers;
}

void ReadNumber(const Attributes& attributes, std::string_view key, double low, double high,
                double& number) {
  if (const auto read = NumbersOf(attributes, key, 1, low, high)) number = read->front();
}

// What the attributes say; where they say nothing that can be used, the camera stays as it is.
void ReadCamera(const Attributes& attributes, SceneCamera& camera) {
  const auto* const mode =
      std::find(kModes.begin(), kModes.end(), FindAttribute(attributes, "_mode"));
  if (mode != kModes.end()) camera.kind = static_cast<SceneCamera::Kind>(mode - kModes.begin());
  if (const auto focus = NumbersOf(attributes, "_focus", 3, kMinCoord, kMaxCoord)) {
    std::copy(focus->begin(), focus->end(), camera.target.begin());
  }
  if (const auto angle = NumbersOf(attributes, "_angle", 3, -360, 360)) {
    camera.elevation = (*angle)[0];
    camera.azimuth = (*angle)[1];
    camera.roll = (*angle)[2];
  }
  ReadNumber(attributes, "_radius", 1, kMaxCoord, camera.distance);
  ReadNumber(attributes, "_fov", 1, 170, camera.fov);
}

// Three numbers of 0 to 255.
void ReadColor(const Attributes& attributes, Color& color) {
  const auto rgb = NumbersOf(attributes, "_k", 3, 0, 255);
  if (!rgb) return;
  const auto channel = [&](size_t i) { return static_cast<uint32_t>((*rgb)[i]); };
  color = Rgba(channel(0), channel(1), channel(2));
}

void ReadSun(const Attributes& attributes, SceneLight& light) {
  ReadNumber(attributes, "_i", 0, 100, light.intensity);
  ReadColor(attributes, light.color);
  if (const auto angle = NumbersOf(attributes, "_angle", 2, -360, 360)) {
    light.elevation = (*angle)[0];
    light.azimuth = (*angle)[1];
  }
}

void ReadSky(const Attributes& attributes, SceneLight& light) {
  ReadNumber(attributes, "_i", 0, 100, light.ambient);
  ReadColor(attributes, light.ambient_color);
}

bool TakeCamera(const VoxChunk& chunk, Stage& stage) {
  VoxCursor cursor(chunk);
  const auto number = cursor.Int32("camera id");
  if (!number.ok() || *number < 0 || stage.cameras.size() >= kMaxCameras) return false;
  auto attributes = cursor.Dictionary("camera");
  if (!attributes.ok() || cursor.left() > 0) return false;
  SceneCamera camera;
  camera.name = StrCat("camera-", *number);
  for (int n = 2; stage.Find(camera.name) != nullptr; ++n) {
    camera.name = StrCat("camera-", *number, "-", n);
  }
  camera.slot = *number;
  ReadCamera(*attributes, camera);
  camera.attributes = *std::move(attributes);
  stage.cameras.push_back(std::move(camera));
  return true;
}

bool TakeLight(const VoxChunk& chunk, Stage& stage) {
  VoxCursor cursor(chunk);
  auto attributes = cursor.Dictionary("render object");
  if (!attributes.ok() || cursor.left() > 0) return false;
  const std::string_view type = FindAttribute(*attributes, "_type");
  const bool sun = type == "_inf";
  if (!sun && type != "_uni") return false;
  // A file with only one of them has no other.
  if (!stage.light) stage.light = SceneLight{.intensity = 0, .ambient = 0};
  SceneLight& light = *stage.light;
  Attributes& own = sun ? light.sun_attributes : light.sky_attributes;
  if (!own.empty()) return false;  // a second one
  const SceneLight usual;
  if (sun) {
    light.intensity = usual.intensity;
    ReadSun(*attributes, light);
  } else {
    light.ambient = usual.ambient;
    ReadSky(*attributes, light);
  }
  own = *std::move(attributes);
  return true;
}

// Attributes that are written as they were unless their value has changed; all of them, if there
// were none.
class Rewriter {
 public:
  explicit Rewriter(const Attributes& old) : all_(old.empty()), attributes_(old) {}
  void Put(std::string_view key, bool same, const std::string& text) {
    if (all_ || !same) SetAttribute(attributes_, key, text);
  }
  Attributes Take() { return std::move(attributes_); }

 private:
  const bool all_;
  Attributes attributes_;
};

Attributes CameraAttributes(const SceneCamera& camera) {
  SceneCamera said;
  ReadCamera(camera.attributes, said);
  Rewriter out(camera.attributes);
  out.Put("_mode", said.kind == camera.kind, std::string(kModes[static_cast<size_t>(camera.kind)]));
  out.Put("_focus", said.target == camera.target,
          FloatsText({camera.target.begin(), camera.target.end()}));
  const bool same_angle = said.elevation == camera.elevation && said.azimuth == camera.azimuth &&
                          said.roll == camera.roll;
  out.Put("_angle", same_angle, FloatsText({camera.elevation, camera.azimuth, camera.roll}));
  out.Put("_radius", said.distance == camera.distance, FloatsText({camera.distance}));
  const bool same_fov = said.fov == camera.fov;
  const double half = camera.fov / 2 * (std::numbers::pi / 180);
  out.Put("_frustum", same_fov, FloatsText({std::tan(half)}));
  out.Put("_fov", same_fov, FloatsText({camera.fov}));
  return out.Take();
}

std::string ColorText(Color color) {
  return StrCat(Red(color), " ", Green(color), " ", Blue(color));
}

Attributes SunAttributes(const SceneLight& light) {
  SceneLight said;
  ReadSun(light.sun_attributes, said);
  Rewriter out(light.sun_attributes);
  out.Put("_type", true, "_inf");
  out.Put("_i", said.intensity == light.intensity, FloatsText({light.intensity}));
  out.Put("_k", said.color == light.color, ColorText(light.color));
  out.Put("_angle", said.elevation == light.elevation && said.azimuth == light.azimuth,
          FloatsText({light.elevation, light.azimuth}));
  return out.Take();
}

Attributes SkyAttributes(const SceneLight& light) {
  SceneLight said;
  ReadSky(light.sky_attributes, said);
  Rewriter out(light.sky_attributes);
  out.Put("_type", true, "_uni");
  out.Put("_i", said.ambient == light.ambient, FloatsText({light.ambient}));
  out.Put("_k", said.ambient_color == light.ambient_color, ColorText(light.ambient_color));
  return out.Take();
}

}  // namespace

VoxStage ReadVoxStage(absl::Span<const VoxChunk> chunks) {
  auto stage = MakeRef<Stage>();
  VoxStage result;
  for (const VoxChunk& chunk : chunks) {
    result.taken.push_back((chunk.id == "rCAM" && TakeCamera(chunk, *stage)) ||
                           (chunk.id == "rOBJ" && TakeLight(chunk, *stage)));
  }
  if (!stage->empty()) result.stage = RefPtr<const Stage>::Adopt(stage.release());
  return result;
}

std::vector<VoxRecord> WriteVoxStage(const Stage& stage) {
  std::vector<VoxRecord> records;
  if (stage.light) {
    const SceneLight& light = *stage.light;
    const bool has_sun = light.intensity != 0 || !light.sun_attributes.empty();
    const bool has_sky = light.ambient != 0 || !light.sky_attributes.empty();
    if (has_sun) records.push_back({"rOBJ", 0, SunAttributes(light)});
    if (has_sky) records.push_back({"rOBJ", 0, SkyAttributes(light)});
  }
  std::set<int32_t> numbers;
  for (const SceneCamera& camera : stage.cameras) numbers.insert(camera.slot);
  std::set<int32_t> given;
  int32_t next = 0;
  for (const SceneCamera& camera : stage.cameras) {
    int32_t number = camera.slot;
    if (number < 0 || !given.insert(number).second) {
      while (!numbers.insert(next).second) ++next;
      number = next;
    }
    records.push_back({"rCAM", number, CameraAttributes(camera)});
  }
  return records;
}

bool VoxStageLoses(const Stage& stage) {
  if (stage.light && (stage.light->shadow != 1 || stage.light->follows_view)) return true;
  return std::any_of(stage.cameras.begin(), stage.cameras.end(),
                     [](const SceneCamera& camera) { return !camera.name.starts_with("camera-"); });
}

}  // namespace voxel
