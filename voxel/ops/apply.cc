#include "voxel/ops/apply.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/task_part.h"
#include "voxel/ops/edit_check.h"
#include "voxel/ops/edit_runner.h"
#include "voxel/ops/find_layer.h"
#include "voxel/ops/workspace.h"

namespace voxel {
namespace {

// The index of the layer that an edit names, if it may be written.
absl::StatusOr<int> WritableLayer(const Document& document, const std::string& id) {
  if (id.empty() && document.layers.size() != 1) {
    return Error(
        document.layers.empty() ? Reason::LAYER_NOT_FOUND : Reason::LAYER_AMBIGUOUS,
        ShortText("layer is empty, which means the only layer; there are ", document.layers.size()),
        "layer");
  }
  return FindWritableLayer(document, id.empty() ? document.layers[0]->id : id, "layer");
}

absl::Status ApplyOne(const Edit& edit, Workspace& workspace, const TaskContext& context,
                      EditCount& count) {
  VOXEL_RETURN_IF_ERROR(context.Check());
  VOXEL_ASSIGN_OR_RETURN(const int layer, WritableLayer(workspace.document(), edit.layer));
  VOXEL_RETURN_IF_ERROR(CheckEdit(edit, context));
  VOXEL_RETURN_IF_ERROR(RunEdit(edit, layer, workspace, context, count));
  VOXEL_RETURN_IF_ERROR(context.CheckMemory(workspace.new_bytes()));
  if (context.progress) context.progress(1);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckWritable(const Document& document, const std::string& layer) {
  return WritableLayer(document, layer).status();
}

absl::StatusOr<ApplyResult> ApplyEdits(RefPtr<const Document> document,
                                       absl::Span<const Edit> edits, const TaskContext& context) {
  ApplyResult result;
  result.counts.resize(edits.size());
  Workspace workspace(std::move(document));
  const auto n = static_cast<double>(edits.size());
  for (size_t i = 0; i < edits.size(); ++i) {
    const auto at = static_cast<double>(i);
    const absl::Status status =
        ApplyOne(edits[i], workspace, PartTask(context, at / n, (at + 1) / n), result.counts[i]);
    if (!status.ok()) return InField(absl::StrCat("edits[", i, "]"), status);
  }
  result.document = workspace.Finish();
  return result;
}

}  // namespace voxel
