#include "daemon/convert/findings.h"

#include "daemon/convert/color_text.h"
#include "daemon/convert/geometry.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Color;
using voxel::Coord;

// Absent stays what is empty.
template <typename Message>
void SetBounds(const Box& bounds, Message* out, v1::Box* (Message::*field)()) {
  if (!bounds.empty()) FromBox(bounds, (out->*field)());
}

void AddCoord(Coord c, google::protobuf::RepeatedField<int32_t>* out) {
  for (int axis = 0; axis < 3; ++axis) out->Add(c[axis]);
}

}  // namespace

std::string NameOf(const voxel::Palette* palette, Color color) {
  if (palette == nullptr) return {};
  for (const auto& entry : palette->entries) {
    if (entry.color == color && !entry.name.empty()) return entry.name;
  }
  return {};
}

v1::Verdict VerdictOf(bool passed) { return passed ? v1::VERDICT_PASSED : v1::VERDICT_FAILED; }

v1::Axis FromAxis(voxel::Axis axis) {
  return static_cast<v1::Axis>(static_cast<int>(axis) + v1::AXIS_X);
}

void FromCoords(absl::Span<const Coord> coords, google::protobuf::RepeatedField<int32_t>* out) {
  out->Reserve(out->size() + static_cast<int>(3 * coords.size()));
  for (const Coord c : coords) AddCoord(c, out);
}

void FromColorCounts(absl::Span<const voxel::WeightedColor> colors, const voxel::Palette* palette,
                     google::protobuf::RepeatedPtrField<v1::ColorCount>* out) {
  for (const auto& [color, voxels] : colors) {
    v1::ColorCount* count = out->Add();
    count->set_color(FormatColor(color));
    count->set_name(NameOf(palette, color));
    count->set_voxels(voxels);
  }
}

void FromComponents(absl::Span<const voxel::Component> components, size_t most,
                    google::protobuf::RepeatedPtrField<v1::Component>* out) {
  for (const voxel::Component& component : components.subspan(0, most)) {
    v1::Component* one = out->Add();
    one->set_voxels(component.voxels);
    FromBox(component.bounds, one->mutable_bounds());
    FromCoord(component.first, one->mutable_xyz());
  }
}

void FromProfile(const voxel::AxisProfile& profile, voxel::Axis axis, v1::AxisProfile* out) {
  out->set_axis(FromAxis(axis));
  out->set_from(profile.from);
  out->set_bucket(profile.bucket);
  out->mutable_voxels()->Add(profile.voxels.begin(), profile.voxels.end());
}

void FromRuns(absl::Span<const voxel::ColorRun> runs, v1::FindForm form,
              v1::FindColorResponse* out) {
  for (const voxel::ColorRun& run : runs) {
    if (form == v1::FIND_FORM_RUNS) {
      AddCoord(run.start, out->mutable_runs());
      out->add_runs(run.length);
      continue;
    }
    for (int32_t i = 0; i < run.length; ++i) {
      AddCoord(run.start + Coord{i, 0, 0}, out->mutable_xyz());
    }
  }
}

void FromThin(const voxel::ThinVoxels& thin, v1::ThinWalls* out) {
  out->set_verdict(VerdictOf(thin.voxels == 0));
  out->set_voxels(thin.voxels);
  SetBounds(thin.bounds, out, &v1::ThinWalls::mutable_bounds);
  out->mutable_along()->Add(thin.along.begin(), thin.along.end());
  FromCoords(thin.samples, out->mutable_xyz());
}

void FromMirrorPlane(const voxel::MirrorPlane& plane, voxel::Axis axis, int64_t voxels,
                     v1::MirrorPlane* out) {
  out->set_axis(FromAxis(axis));
  out->set_position(static_cast<double>(plane.twice) / 2);
  out->set_score(static_cast<double>(plane.matched) / static_cast<double>(voxels));
  out->set_mismatches(plane.mismatches);
  out->set_miscolored(plane.miscolored);
  SetBounds(plane.bounds, out, &v1::MirrorPlane::mutable_bounds);
}

void FromSurface(const voxel::SurfaceFaults& faults, v1::Watertightness* out) {
  out->set_verdict(VerdictOf(faults.edges == 0 && faults.corners == 0));
  out->set_edges(faults.edges);
  out->set_open_edges(faults.open_edges);
  out->set_corners(faults.corners);
  for (const voxel::GridEdge& edge : faults.edge_samples) {
    v1::MeshEdge* one = out->add_at_edges();
    FromCoord(edge.at, one->mutable_xyz());
    one->set_axis(FromAxis(edge.axis));
  }
  FromCoords(faults.corner_samples, out->mutable_at_corners());
}

void FromComparison(const voxel::Comparison& comparison, v1::CompareResponse* out) {
  out->set_voxels(comparison.voxels);
  out->set_blueprint_voxels(comparison.blueprint_voxels);
  out->set_matched(comparison.matched());
  out->set_missing(comparison.missing);
  out->set_extra(comparison.extra);
  out->set_miscolored(comparison.miscolored);
  out->set_intersection_over_union(comparison.IntersectionOverUnion());
  out->set_mean_color_difference(comparison.MeanColorDifference());
  out->set_score(comparison.Score());
  SetBounds(comparison.bounds(), out, &v1::CompareResponse::mutable_bounds);
  SetBounds(comparison.missing_bounds, out, &v1::CompareResponse::mutable_missing_bounds);
  SetBounds(comparison.extra_bounds, out, &v1::CompareResponse::mutable_extra_bounds);
  SetBounds(comparison.miscolored_bounds, out, &v1::CompareResponse::mutable_miscolored_bounds);
  FromCoords(comparison.missing_samples, out->mutable_missing_xyz());
  FromCoords(comparison.extra_samples, out->mutable_extra_xyz());
  FromCoords(comparison.miscolored_samples, out->mutable_miscolored_xyz());
}

}  // namespace voxeld
