// A change of a document as a few blobs, and a reader that carries such changes out one after the
// other. A whole document is the change from an empty one.
//
// Format:    docs/formats/project-file.md. The blobs are frames (frame.h); together they hold the
//            head (the caller's own bytes, then what changed besides voxels), followed by runs of
//            cells (cells.h).
// Values:    what is written is what stands there afterwards. A document read back has the same
//            content and the same ContentHash as the one written.
// Cost:      what the documents do not share.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/codec/bytes.h"
#include "voxel/grid/document.h"
#include "voxel/grid/volume_editor.h"

namespace voxeld {

// What a change is known to come to. REQUIRES: no fewer voxels than differ in the layers.
struct KnownChange {
  voxel::Box bounds;  // of the changed voxels, in the world
  int64_t voxels = 0;
};

// Writes `after` as changes of `before` and hands out the blobs in order, one at least. `own` is
// given back by the reader. Where the voxels of one layer are all that changed, and `known` (which
// may be null) says that they are few, only its box is looked at, unless other than so many differ
// there. Ends early once `emit` answers false: then nobody can read what there is. Threading: a
// pure function.
void WriteDelta(const voxel::Document& before, const voxel::Document& after, std::string_view own,
                int compression, const KnownChange* known,
                absl::FunctionRef<bool(std::string frame)> emit);

// Reads the own bytes of a change and nothing else of it. One thread.
class OwnBytesReader {
 public:
  // Takes the next frame of the change; true once the own bytes are there. DataLoss if it is none.
  absl::StatusOr<bool> Add(std::string_view frame);
  const std::string& own() const { return own_; }

 private:
  std::string head_;
  std::string own_;
};

// Carries changes out. One thread.
//
//     DeltaReader reader(document, limits);
//     for each change:  for each of its frames: reader.Add(frame);   reader.End(own);
//     reader.Take()
//
// Hostile input: DataLoss whatever the bytes; the memory taken is bounded by the limits. After an
//                error the reader is only good for being dropped.
class DeltaReader {
 public:
  struct Limits {
    int64_t max_new_bytes = int64_t{1} << 40;  // of bricks and nodes, between two calls of Take
    size_t max_head_bytes = size_t{256} << 20;
  };
  DeltaReader(voxel::RefPtr<const voxel::Document> base, const Limits& limits);
  ~DeltaReader();

  absl::Status Add(std::string_view frame);
  // The change is complete: `own` gets what its writer was given.
  absl::Status End(std::string& own);
  // The document as the changes so far left it. Cheap if several changes of a few voxels came since
  // the last call. REQUIRES: no change is half read.
  voxel::RefPtr<const voxel::Document> Take();

 private:
  using Editors = std::map<uint64_t, std::unique_ptr<voxel::VolumeEditor>>;

  absl::Status TakeHead();
  absl::Status TakeRuns(std::string_view runs);
  absl::Status ReadHead(ByteReader& in);
  bool ReadParts(ByteReader& in, uint64_t parts, voxel::Document& next);
  void CommitEditors();
  voxel::VolumeEditor* EditorOf(uint64_t volume);

  const Limits limits_;
  voxel::RefPtr<voxel::Document> document_;            // never seen by anybody else
  Editors editors_;                                    // of volumes being changed, by number
  std::vector<std::pair<uint64_t, uint64_t>> copies_;  // volume -> the one it shows, at the end
  bool in_head_ = true;
  bool ended_ = false;
  std::string head_;  // until it is whole, with what came after it
  std::string own_;
};

}  // namespace voxeld
