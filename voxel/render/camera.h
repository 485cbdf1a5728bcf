// Where a view looks from and which part of space its pixels show. Cameras are orthographic: every
// ray of a view runs in the same direction, so equal voxels look equal wherever they stand and
// sizes can be measured in the picture.
//
// Space, with +z up; azimuth turns counter-clockwise seen from above, elevation rises:
//   view    stands at   looks along   picture's right   picture's up   as orbit
//   front   -y          +y            +x                +z             0,0
//   right   +x          -x            +y                +z             90,0
//   back    +y          -y            -x                +z             180,0
//   left    -x          +x            -y                +z             270,0
//   top     +z          -z            +x                +y             0,90
//   bottom  -z          +z            +x                -y             0,-90
//   iso     +x -y +z    (-1,1,-1)     (1,1,0)           (-1,1,2)       45,35.2644
// iso shows the top, front and right faces.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/grid/box.h"
#include "voxel/grid/stage.h"
#include "voxel/render/vec3.h"

namespace voxel {

// The directions of a view: unit vectors at right angles, right x up = -forward.
struct Orientation {
  Vec3 right;
  Vec3 up;
  Vec3 forward;
  double zoom = 1;  // above 1: a smaller part of space fills the picture
};

// Reads a view's name as ViewRequest.views has it. INVALID_FIELD at `field`, naming the accepted
// forms.
absl::StatusOr<Orientation> ParseView(std::string_view name, std::string_view field);

struct Camera {
  Orientation orientation;
  Vec3 center;  // what the picture's centre shows, relative to the origin given to FitCamera
  double pixels_per_voxel = 1;  // of a length at right angles to the view
  int32_t width = 0;
  int32_t height = 0;

  // The point where the ray through (x, y) crosses the plane through `center`; pixel (i, j) has its
  // centre at (i + 0.5, j + 0.5).
  Vec3 RayOrigin(double x, double y) const {
    const double u = (x - width * 0.5) / pixels_per_voxel;
    const double v = (height * 0.5 - y) / pixels_per_voxel;
    return center + orientation.right * u + orientation.up * v;
  }
};

// A camera that shows all of `box`, with a small margin. Positions are relative to `origin`:
// doubles are then exact enough for worlds of any size. REQUIRES: box not empty.
Camera FitCamera(const Orientation& orientation, const Box& box, Coord origin, int32_t width,
                 int32_t height);

// The direction of a stored camera.
Orientation OrientationOf(const SceneCamera& camera);

// A camera whose picture's centre shows the target and whose height shows what the stored one shows
// of the plane through it. REQUIRES: camera.distance > 0.
Camera AimCamera(const SceneCamera& camera, Coord origin, int32_t width, int32_t height);

// Where something at these angles stands, seen from the middle of the world: a unit vector. The
// angles are those of a view "orbit:AZIMUTH,ELEVATION".
Vec3 DirectionOf(double azimuth, double elevation);

}  // namespace voxel
