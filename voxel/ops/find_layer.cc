#include "voxel/ops/find_layer.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"

namespace voxel {

absl::StatusOr<int> FindLayer(const Document& document, const std::string& id,
                              const std::string& field) {
  if (const int index = document.Find(id); index >= 0) return index;
  return Error(Reason::LAYER_NOT_FOUND, ShortText(field, " is '", id, "'; there is no such layer"),
               field);
}

absl::StatusOr<int> FindWritableLayer(const Document& document, const std::string& id,
                                      const std::string& field) {
  VOXEL_ASSIGN_OR_RETURN(const int index, FindLayer(document, id, field));
  const Layer& layer = *document.layers[index];
  if (layer.locked) {
    return Error(Reason::LAYER_LOCKED,
                 ShortText("layer '", layer.id, "' is locked; unlock it to edit it"), field);
  }
  if (!layer.linked_to.empty()) {
    return Error(Reason::LAYER_LINKED,
                 ShortText("layer '", layer.id, "' shows the voxels of '", layer.linked_to,
                           "'; edit that one"),
                 field);
  }
  return index;
}

absl::StatusOr<RefPtr<const Document>> OnlyVisible(const Document& document,
                                                   absl::Span<const std::string> ids,
                                                   const std::string& field) {
  std::vector<bool> visible(document.layers.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    VOXEL_ASSIGN_OR_RETURN(const int index,
                           FindLayer(document, ids[i], absl::StrCat(field, "[", i, "]")));
    visible[index] = true;
  }
  auto out = MakeRef<Document>(document);
  for (size_t i = 0; i < visible.size(); ++i) {
    auto layer = MakeRef<Layer>(*document.layers[i]);
    layer->visible = visible[i];
    out->layers[i] = RefPtr<const Layer>::Adopt(layer.release());
  }
  return RefPtr<const Document>::Adopt(out.release());
}

}  // namespace voxel
