// The layers of a document while a batch of edits works on them: editors that open on first use and
// one new document in the end. Private to voxel/ops.
//
// Threading: one thread. The document stays as it is.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "voxel/grid/document.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {

class Workspace {
 public:
  explicit Workspace(RefPtr<const Document> document);

  const Document& document() const { return *document_; }
  // The layer's volume, for writing.
  VolumeEditor& editor(int layer);
  // What is there now, after the edits so far; of a linked layer what its original has.
  Volume Current(int layer);
  // The document as it is now, after the edits so far. Cost: its layer list.
  RefPtr<const Document> Present();
  // Puts a volume in place of the layer's.
  void Put(int layer, Volume volume);
  // About how much memory the batch has added.
  int64_t new_bytes() const;

  // The document with the changed layers; the very same one if no voxel differs. Ends the work.
  RefPtr<const Document> Finish();

 private:
  struct Work {
    int64_t put_bytes = 0;  // of volumes put here, beyond the document's
    std::unique_ptr<VolumeEditor> editor;
  };

  RefPtr<const Document> document_;
  std::vector<Work> works_;  // by layer
};

}  // namespace voxel
