// What the engine finds in a volume, as the messages of inspect.* say it.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "google/protobuf/repeated_field.h"
#include "voxel/grid/median_cut.h"
#include "voxel/grid/palette.h"
#include "voxel/ops/compare.h"
#include "voxel/ops/components.h"
#include "voxel/ops/find_color.h"
#include "voxel/ops/profile.h"
#include "voxel/ops/surface_check.h"
#include "voxel/ops/symmetry.h"
#include "voxel/ops/thickness.h"
#include "voxeld/v1/inspect.pb.h"

namespace voxeld {

// The name of a colour in the palette, which may be null; empty if it has none.
std::string NameOf(const voxel::Palette* palette, voxel::Color color);

v1::Verdict VerdictOf(bool passed);
v1::Axis FromAxis(voxel::Axis axis);
// 3n numbers, added.
void FromCoords(absl::Span<const voxel::Coord> coords,
                google::protobuf::RepeatedField<int32_t>* out);
void FromColorCounts(absl::Span<const voxel::WeightedColor> colors, const voxel::Palette* palette,
                     google::protobuf::RepeatedPtrField<v1::ColorCount>* out);
// The first `most` of them.
void FromComponents(absl::Span<const voxel::Component> components, size_t most,
                    google::protobuf::RepeatedPtrField<v1::Component>* out);
void FromProfile(const voxel::AxisProfile& profile, voxel::Axis axis, v1::AxisProfile* out);
void FromRuns(absl::Span<const voxel::ColorRun> runs, v1::FindForm form,
              v1::FindColorResponse* out);
void FromThin(const voxel::ThinVoxels& thin, v1::ThinWalls* out);
// `voxels` is how many there are in all, not 0.
void FromMirrorPlane(const voxel::MirrorPlane& plane, voxel::Axis axis, int64_t voxels,
                     v1::MirrorPlane* out);
void FromSurface(const voxel::SurfaceFaults& faults, v1::Watertightness* out);
void FromComparison(const voxel::Comparison& comparison, v1::CompareResponse* out);

}  // namespace voxeld
