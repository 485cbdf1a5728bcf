// The parts of a merge that are about a document as a whole, not about layers.
#pragma once

#include "voxel/grid/document.h"
#include "voxel/ops/merge_picker.h"

namespace voxel {

// Sets the title, the labels, the palette, the stage, the scene graph and the record of merges of
// `result` to the merge of the three. What comes out as `ours` has it is shared with `ours`.
void MergeSettings(const Document& base, const Document& ours, const Document& theirs,
                   MergePicker& picker, Document& result);

}  // namespace voxel
