// inspect.*: what is in a project, in numbers.
#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/convert/color_text.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/layers.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/components.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Color;
using voxel::Error;
using voxel::Reason;

constexpr uint32_t kDefaultListed = 16;
constexpr uint32_t kMaxListed = 4096;

struct Tally {
  int64_t voxels = 0;
  Box bounds;
  absl::flat_hash_map<Color, int64_t> colors;
};

// The tight bounds of a brick's voxels, by rows of its occupancy.
Box OccupiedBounds(const voxel::Brick* brick, voxel::Coord min) {
  const voxel::BrickMask& mask = voxel::BrickOccupancy(brick);
  Box bounds;
  for (int row = 0; row < voxel::kBrickSize * voxel::kBrickSize; ++row) {
    const auto bits =
        static_cast<uint16_t>(mask.words[static_cast<size_t>(row >> 2)] >> ((row & 3) << 4));
    if (bits == 0) continue;
    const voxel::Coord begin = min + voxel::Coord{std::countr_zero(bits), row & 15, row >> 4};
    const voxel::Coord end =
        min + voxel::Coord{16 - std::countl_zero(bits), (row & 15) + 1, (row >> 4) + 1};
    bounds = bounds.Union({begin, end});
  }
  return bounds;
}

// Counts the part of a cube that lies in `box`: a uniform cube at once, a brick on the border voxel
// by voxel.
void CountPart(const voxel::Cell& cell, const Box& box, Tally& tally) {
  const Box part = cell.box().Intersection(box);
  if (cell.brick == nullptr) {
    tally.voxels += part.Voxels();
    tally.colors[cell.color] += part.Voxels();
    tally.bounds = tally.bounds.Union(part);
    return;
  }
  for (int32_t z = part.min.z; z < part.max.z; ++z) {
    for (int32_t y = part.min.y; y < part.max.y; ++y) {
      for (int32_t x = part.min.x; x < part.max.x; ++x) {
        const int index = voxel::BrickIndex(x - cell.min.x, y - cell.min.y, z - cell.min.z);
        const Color color = voxel::BrickGet(cell.brick, index);
        if (color == voxel::kAir) continue;
        ++tally.voxels;
        ++tally.colors[color];
        tally.bounds = tally.bounds.Union(voxel::BoxAt({x, y, z}));
      }
    }
  }
}

void CountWholeBrick(const voxel::Cell& cell, Tally& tally) {
  voxel::BrickForEachColor(cell.brick, [&](Color color, int voxels) {
    tally.voxels += voxels;
    tally.colors[color] += voxels;
  });
  tally.bounds = tally.bounds.Union(OccupiedBounds(cell.brick, cell.min));
}

absl::StatusOr<Tally> Count(const voxel::Volume& volume, const Box& box,
                            const voxel::TaskContext& task) {
  Tally tally;
  absl::Status status;
  volume.ForEachCell(box, [&](const voxel::Cell& cell) {
    status = task.Check();
    if (cell.brick != nullptr && box.Contains(cell.box())) {
      CountWholeBrick(cell, tally);
    } else {
      CountPart(cell, box, tally);
    }
    return status.ok();
  });
  VOXEL_RETURN_IF_ERROR(status);
  return tally;
}

std::string NameOf(const voxel::Palette* palette, Color color) {
  if (palette == nullptr) return {};
  for (const auto& entry : palette->entries) {
    if (entry.color == color && !entry.name.empty()) return entry.name;
  }
  return {};
}

void FillColors(const Tally& tally, const voxel::Palette* palette, uint32_t max_colors,
                v1::SummarizeResponse* response) {
  std::vector<std::pair<Color, int64_t>> colors(tally.colors.begin(), tally.colors.end());
  std::sort(colors.begin(), colors.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  response->set_distinct_colors(static_cast<int32_t>(colors.size()));
  colors.resize(std::min<size_t>(colors.size(), max_colors));
  for (const auto& [color, voxels] : colors) {
    v1::ColorCount* out = response->add_colors();
    out->set_color(FormatColor(color));
    out->set_name(NameOf(palette, color));
    out->set_voxels(voxels);
  }
}

// What both methods read.
struct Subject {
  RevisionPtr revision;
  voxel::Volume volume;
  Box box = voxel::kWorld;
};

template <typename Request>
absl::StatusOr<Subject> Find(Services& services, CallContext& context, const Request& request) {
  Subject subject;
  VOXEL_ASSIGN_OR_RETURN(subject.revision,
                         ReadRevision(services, request.project(), request.revision()));
  if (request.has_box()) {
    VOXEL_ASSIGN_OR_RETURN(subject.box, ToBox(request.box(), "box"));
  }
  VOXEL_ASSIGN_OR_RETURN(subject.volume,
                         ReadVolume(*subject.revision->document, request.layer(), context.Task()));
  return subject;
}

// How many entries to list: `asked`, or the default for 0.
absl::StatusOr<uint32_t> ListLength(uint32_t asked, const char* field) {
  if (asked > kMaxListed) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(field, " is ", asked, "; it takes 0 to ", kMaxListed), field);
  }
  return asked == 0 ? kDefaultListed : asked;
}

}  // namespace

absl::Status InspectSummarize(Services& services, CallContext& context,
                              const v1::SummarizeRequest& request,
                              v1::SummarizeResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const uint32_t max_colors, ListLength(request.max_colors(), "max_colors"));
  VOXEL_ASSIGN_OR_RETURN(const Subject subject, Find(services, context, request));
  VOXEL_ASSIGN_OR_RETURN(const Tally tally, Count(subject.volume, subject.box, context.Task()));
  const voxel::Document& document = *subject.revision->document;
  response->set_revision(subject.revision->info.revision);
  response->set_voxels(tally.voxels);
  if (!tally.bounds.empty()) FromBox(tally.bounds, response->mutable_bounds());
  FillColors(tally, document.palette.get(), max_colors, response);
  for (int i = 0; i < static_cast<int>(document.layers.size()); ++i)
    FromLayer(document, i, response->add_layers());
  return absl::OkStatus();
}

absl::Status InspectComponents(Services& services, CallContext& context,
                               const v1::ComponentsRequest& request,
                               v1::ComponentsResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const uint32_t max_components,
                         ListLength(request.max_components(), "max_components"));
  VOXEL_ASSIGN_OR_RETURN(const Subject subject, Find(services, context, request));
  VOXEL_ASSIGN_OR_RETURN(
      const std::vector<voxel::Component> components,
      voxel::FindComponents(subject.volume, subject.box, LongTask(services, context)));
  response->set_revision(subject.revision->info.revision);
  response->set_total(static_cast<int64_t>(components.size()));
  for (size_t i = 0; i < std::min<size_t>(components.size(), max_components); ++i) {
    v1::Component* out = response->add_components();
    out->set_voxels(components[i].voxels);
    FromBox(components[i].bounds, out->mutable_bounds());
    FromCoord(components[i].first, out->mutable_xyz());
  }
  return absl::OkStatus();
}

}  // namespace voxeld
