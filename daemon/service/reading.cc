#include "daemon/service/reading.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "daemon/convert/ids.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/string_view.h"
#include "voxel/grid/combine.h"
#include "voxel/ops/limited.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;
using voxel::ShortText;

constexpr int32_t kMaxPageSize = 1000;

// "a, b, c" of layers or selections.
template <typename List>
ShortText NamesOf(const List& list) {
  ShortText names;
  for (size_t i = 0; i < list.size() && i <= 8; ++i) {
    if (i > 0) names.Append(", ");
    names.Append(i == 8 ? std::string_view("...") : std::string_view(list[i]->id));
  }
  return names;
}

// Whether the dispatcher has found the project of that id for the call.
bool Knows(const CallContext& context, std::string_view id) {
  return context.project != nullptr && context.project->identity().id == id;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Project>> FindProject(Services& services, std::string_view id,
                                                     std::string_view field) {
  VOXEL_RETURN_IF_ERROR(CheckId(id, field));
  auto found = services.registry->Find(id);
  if (!absl::IsNotFound(found.status()) || field == "project") return found;
  return Error(Reason::PROJECT_NOT_FOUND, voxel::ToStd(found.status().message()), field);
}

absl::StatusOr<std::shared_ptr<Project>> FindProject(Services& services, const CallContext& context,
                                                     std::string_view id) {
  if (Knows(context, id)) return context.project;
  return FindProject(services, id);
}

absl::StatusOr<RevisionPtr> RevisionOf(const Project& project, int64_t revision,
                                       std::string_view field) {
  if (revision < 0) {
    return Error(Reason::INVALID_FIELD,
                 ShortText(field, " is ", revision, "; it takes 0 (the latest) or more"), field);
  }
  if (revision == 0) return project.head();
  absl::StatusOr<RevisionPtr> at = project.At(revision);
  return at.ok() ? at : voxel::InField(field, at.status());
}

absl::StatusOr<RevisionPtr> ReadRevision(Services& services, std::string_view project,
                                         int64_t revision) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> found, FindProject(services, project));
  return RevisionOf(*found, revision);
}

absl::StatusOr<RevisionPtr> ReadRevision(Services& services, const CallContext& context,
                                         std::string_view project, int64_t revision) {
  // Not by way of FindProject, which would count one more holder of the project.
  if (Knows(context, project)) return RevisionOf(*context.project, revision);
  return ReadRevision(services, project, revision);
}

absl::StatusOr<int> FindLayer(const voxel::Document& document, std::string_view layer,
                              std::string_view field) {
  VOXEL_RETURN_IF_ERROR(CheckId(layer, field));
  const int index = document.Find(layer);
  if (index >= 0) return index;
  return Error(
      Reason::LAYER_NOT_FOUND,
      ShortText("there is no layer \"", layer, "\"; the project has ", NamesOf(document.layers)),
      field);
}

absl::StatusOr<voxel::Volume> ReadVolume(const voxel::Document& document, std::string_view layer,
                                         const voxel::TaskContext& task) {
  if (layer.empty()) return voxel::Composite(document, task);
  VOXEL_ASSIGN_OR_RETURN(const int index, FindLayer(document, layer, "layer"));
  const voxel::Layer& found = *document.layers[static_cast<size_t>(index)];
  if (found.transform.identity()) return found.volume;
  return voxel::TransformVolume(found.volume, found.transform, task);
}

absl::StatusOr<const voxel::Selection*> FindSelection(const voxel::Document& document,
                                                      std::string_view selection,
                                                      std::string_view field) {
  VOXEL_RETURN_IF_ERROR(CheckId(selection, field));
  if (const voxel::Selection* found = document.FindSelection(selection)) return found;
  return Error(
      Reason::SELECTION_NOT_FOUND,
      ShortText("there is no selection \"", selection, "\"; the project has ",
                document.selections.empty() ? ShortText("none") : NamesOf(document.selections)),
      field);
}

absl::StatusOr<voxel::Volume> OnlySelected(voxel::Volume volume, const voxel::Document& document,
                                           std::string_view selection, std::string_view field,
                                           const voxel::TaskContext& task) {
  if (selection.empty()) return volume;
  VOXEL_ASSIGN_OR_RETURN(const voxel::Selection* found, FindSelection(document, selection, field));
  return voxel::Limited(volume, found->voxels, task);
}

absl::StatusOr<voxel::RefPtr<const voxel::Document>> OnlySelected(
    voxel::RefPtr<const voxel::Document> document, std::string_view selection,
    std::string_view field, const voxel::TaskContext& task) {
  if (selection.empty()) return document;
  VOXEL_ASSIGN_OR_RETURN(const voxel::Selection* found, FindSelection(*document, selection, field));
  return voxel::Limited(*document, found->voxels, task);
}

absl::StatusOr<int32_t> PageSize(int32_t page_size, int32_t fallback) {
  if (page_size == 0) return fallback;
  if (page_size > 0) return std::min(page_size, kMaxPageSize);
  return Error(Reason::INVALID_FIELD,
               voxel::StrCat("page_size is ", page_size, "; it takes 0 to ", kMaxPageSize),
               "page_size");
}

absl::StatusOr<int64_t> ReadPageToken(std::string_view token, std::string_view prefix) {
  if (token.empty()) return 0;
  int64_t value = 0;
  if (token.substr(0, prefix.size()) == prefix &&
      absl::SimpleAtoi(voxel::ToAbsl(token.substr(prefix.size())), &value) && value >= 0) {
    return value;
  }
  return Error(Reason::INVALID_PAGE_TOKEN, "page_token is not one that this list returned",
               "page_token");
}

void FromTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  out->set_seconds(seconds);
  out->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

}  // namespace voxeld
