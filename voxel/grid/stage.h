// What a document is looked at with: named cameras and one light. Pictures use them where they are
// asked to; voxels do not depend on them.
//
// Space: world positions, +z up, angles in degrees. Azimuth and elevation are those of a view
//        "orbit:AZIMUTH,ELEVATION": azimuth 0 stands at -y and turns counter-clockwise seen from
//        above; elevation rises.
// Files: `attributes` are what the file's own record said. The typed fields are right: an exporter
//        writes an attribute as it was where its field still reads so, and anew where not.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voxel/base/ref_ptr.h"
#include "voxel/grid/attributes.h"
#include "voxel/grid/color.h"

namespace voxel {

struct SceneCamera {
  enum class Kind : uint8_t { kPerspective, kOrthographic, kIsometric, kFree, kPanorama };

  std::string name;  // unique in the document, not empty
  Kind kind = Kind::kPerspective;
  std::array<double, 3> target{};  // the point that it looks at, in voxels
  double azimuth = 0;              // where it stands, seen from the target
  double elevation = 0;
  double roll = 0;      // turns the picture clockwise
  double distance = 0;  // from the target in voxels; 0: as far as it takes to see everything
  double fov = 45;      // of the picture's height
  int32_t slot = -1;    // the file's own number for it; -1: none
  Attributes attributes = {};

  friend bool operator==(const SceneCamera&, const SceneCamera&) = default;
};

// A sun and an even sky.
struct SceneLight {
  double azimuth = 50;  // where the sun stands
  double elevation = 50;
  bool follows_view = false;  // the angles are relative to the camera's (Goxel's "fixed")
  double intensity = 0.7;     // of the sun; 1 alone shows a face that looks into it as it is
  Color color = Rgba(255, 255, 255);
  double ambient = 0.7;  // of the sky
  Color ambient_color = Rgba(255, 255, 255);
  double shadow = 1;  // how much of the sun a shadow takes, 0 to 1
  Attributes sun_attributes = {};
  Attributes sky_attributes = {};

  friend bool operator==(const SceneLight&, const SceneLight&) = default;
};

struct Stage : RefCounted<Stage> {
  std::vector<SceneCamera> cameras;  // in the order in which they came
  std::optional<SceneLight> light;   // none: pictures bring their own

  // The camera of that name, or nullptr.
  const SceneCamera* Find(std::string_view name) const;
  bool empty() const { return cameras.empty() && !light; }

  friend bool operator==(const Stage& a, const Stage& b) {
    return a.cameras == b.cameras && a.light == b.light;
  }
};

}  // namespace voxel
