// inspect.*: what is in a project, in numbers.
#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/convert/color_text.h"
#include "daemon/convert/enums.h"
#include "daemon/convert/findings.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/layers.h"
#include "daemon/service/inspect_subject.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/components.h"
#include "voxel/ops/find_color.h"
#include "voxel/ops/profile.h"
#include "voxel/ops/recolor.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr uint32_t kDefaultBuckets = 64;
constexpr uint32_t kMaxBuckets = 4096;
constexpr uint32_t kDefaultItems = 1000;
constexpr uint32_t kMaxItems = 100000;

// Adds the profiles along all three axes.
absl::Status AddProfiles(const Subject& subject, const voxel::Box& bounds, uint32_t buckets,
                         const voxel::TaskContext& task, v1::HistogramResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const auto profiles,
                         voxel::ProfileOf(subject.volume, bounds, buckets, task));
  for (size_t axis = 0; axis < profiles.size(); ++axis) {
    FromProfile(profiles[axis], static_cast<voxel::Axis>(axis), response->add_profiles());
  }
  return absl::OkStatus();
}

// What find_color looks for.
absl::StatusOr<voxel::ColorMatch> ToColorMatch(const v1::FindColorRequest& request,
                                               const voxel::Palette* palette) {
  VOXEL_ASSIGN_OR_RETURN(const voxel::Color color, ParseColor(request.color(), palette, "color"));
  if (color == voxel::kAir) {
    return Error(Reason::INVALID_COLOR,
                 voxel::StrCat("color is \"", request.color(),
                               "\", which is empty; it takes a colour of voxels"),
                 "color");
  }
  VOXEL_ASSIGN_OR_RETURN(const uint32_t tolerance,
                         Bounded(request.tolerance(), 0, kMaxTolerance, "tolerance"));
  return voxel::ColorMatch(color, tolerance);
}

}  // namespace

absl::Status InspectSummarize(Services& services, CallContext& context,
                              const v1::SummarizeRequest& request,
                              v1::SummarizeResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const uint32_t max_colors,
                         Bounded(request.max_colors(), kDefaultListed, kMaxListed, "max_colors"));
  VOXEL_ASSIGN_OR_RETURN(const Subject subject, FindSubject(services, context, request));
  VOXEL_ASSIGN_OR_RETURN(const voxel::Occupancy occupied,
                         voxel::CountOccupied(subject.volume, subject.box, context.Task()));
  VOXEL_ASSIGN_OR_RETURN(const std::vector<voxel::WeightedColor> colors,
                         voxel::CountColors(subject.volume, subject.box, context.Task()));
  const voxel::Document& document = *subject.revision->document;
  response->set_revision(subject.number());
  response->set_voxels(occupied.voxels);
  if (!occupied.bounds.empty()) FromBox(occupied.bounds, response->mutable_bounds());
  response->set_distinct_colors(static_cast<int32_t>(colors.size()));
  FromColorCounts(absl::MakeConstSpan(colors).subspan(0, max_colors), subject.palette(),
                  response->mutable_colors());
  for (int i = 0; i < static_cast<int>(document.layers.size()); ++i)
    FromLayer(document, i, response->add_layers());
  return absl::OkStatus();
}

absl::Status InspectComponents(Services& services, CallContext& context,
                               const v1::ComponentsRequest& request,
                               v1::ComponentsResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(
      const uint32_t max_components,
      Bounded(request.max_components(), kDefaultListed, kMaxListed, "max_components"));
  VOXEL_ASSIGN_OR_RETURN(const Subject subject, FindSubject(services, context, request));
  VOXEL_ASSIGN_OR_RETURN(
      const std::vector<voxel::Component> components,
      voxel::FindComponents(subject.volume, subject.box, LongTask(services, context)));
  response->set_revision(subject.number());
  response->set_total(static_cast<int64_t>(components.size()));
  FromComponents(components, max_components, response->mutable_components());
  return absl::OkStatus();
}

absl::Status InspectHistogram(Services& services, CallContext& context,
                              const v1::HistogramRequest& request,
                              v1::HistogramResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const uint32_t buckets,
                         Bounded(request.buckets(), kDefaultBuckets, kMaxBuckets, "buckets"));
  VOXEL_ASSIGN_OR_RETURN(const int32_t page_size, PageSize(request.page_size()));
  VOXEL_ASSIGN_OR_RETURN(const ReadPage page, ToReadPage(request.page_token(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(const Subject subject,
                         FindSubject(services, context, request, page.revision));
  const voxel::TaskContext task = context.Task();
  VOXEL_ASSIGN_OR_RETURN(const voxel::Occupancy occupied,
                         voxel::CountOccupied(subject.volume, subject.box, task));
  VOXEL_ASSIGN_OR_RETURN(const std::vector<voxel::WeightedColor> colors,
                         voxel::CountColors(subject.volume, subject.box, task));
  response->set_revision(subject.number());
  response->set_voxels(occupied.voxels);
  if (!occupied.bounds.empty()) FromBox(occupied.bounds, response->mutable_bounds());
  const auto total = static_cast<int64_t>(colors.size());
  response->set_distinct_colors(static_cast<int32_t>(total));
  const int64_t first = std::min(page.first, total);
  FromColorCounts(absl::MakeConstSpan(colors).subspan(static_cast<size_t>(first),
                                                      static_cast<size_t>(page_size)),
                  subject.palette(), response->mutable_colors());
  if (first + page_size < total) {
    response->set_next_page_token(ReadPage{subject.number(), first + page_size}.Token());
  }
  if (!request.page_token().empty() || occupied.voxels == 0) return absl::OkStatus();
  return AddProfiles(subject, occupied.bounds, buckets, task, response);
}

absl::Status InspectFindColor(Services& services, CallContext& context,
                              const v1::FindColorRequest& request,
                              v1::FindColorResponse* response) {
  VOXEL_RETURN_IF_ERROR(CheckEnum(request.form(), "form"));
  VOXEL_ASSIGN_OR_RETURN(const uint32_t max_items,
                         Bounded(request.max_items(), kDefaultItems, kMaxItems, "max_items"));
  VOXEL_ASSIGN_OR_RETURN(const ReadPage page, ToReadPage(request.page_token(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(const Subject subject,
                         FindSubject(services, context, request, page.revision));
  VOXEL_ASSIGN_OR_RETURN(const voxel::ColorMatch match, ToColorMatch(request, subject.palette()));
  const bool lists = request.form() != v1::FIND_FORM_COUNT;
  const bool runs = request.form() == v1::FIND_FORM_RUNS;
  voxel::ListedPart part{page.first, 0, 0};
  part.most_runs = lists ? max_items : 0;
  part.most_voxels = runs ? voxel::kWorld.Voxels() : part.most_runs;
  VOXEL_ASSIGN_OR_RETURN(
      const voxel::FoundColor found,
      voxel::FindColor(subject.volume, subject.box, match, part, context.Task()));
  response->set_revision(subject.number());
  response->set_voxels(found.voxels);
  if (!found.bounds.empty()) FromBox(found.bounds, response->mutable_bounds());
  response->set_distinct_colors(static_cast<int32_t>(found.colors.size()));
  FromColorCounts(absl::MakeConstSpan(found.colors).subspan(0, kDefaultListed), subject.palette(),
                  response->mutable_colors());
  FromRuns(found.runs, request.form(), response);
  if (lists && part.skip + found.listed < found.voxels) {
    response->set_next_page_token(ReadPage{subject.number(), part.skip + found.listed}.Token());
  }
  return absl::OkStatus();
}

}  // namespace voxeld
