// Reads a project back from its file: the base, then every revision after it, checked as a chain.
//
// Threading: one thread, as the file.
// Cost:      the file's bytes; a document is made only of revisions that are retained or named.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/codec/document_delta.h"
#include "daemon/disk/project_file.h"

namespace voxeld {

class ProjectReader {
 public:
  ProjectReader(ProjectFile* file, const ProjectOptions& options,
                std::shared_ptr<Reclaimer> reclaimer);

  absl::StatusOr<RestoredProject> Read();

 private:
  absl::Status ReadIdentityRow();
  absl::Status ReadNotes();
  absl::Status ReadCheckpoints();
  absl::Status ReadBase();
  absl::Status ReadKept();
  // Adds to `reader` the blobs that `select` (part, change; ascending) finds for `key`. They must
  // be numbered from `first` without a gap; returns the number after the last.
  absl::StatusOr<int64_t> AddParts(const std::string& select, int64_t key, int64_t first,
                                   DeltaReader& reader);
  RevisionPtr MakeRevision(RevisionInfo info, voxel::RefPtr<const voxel::Document> document) const;
  absl::Status ReadRevisions();
  absl::Status ReadMore(int64_t revision, int64_t parts);
  // The change that was added last is whole: the revision, which must be `number`.
  absl::Status EndRevision(int64_t number);
  void Keep(RevisionInfo info);
  void Retain(RevisionPtr revision);
  absl::Status FindCheckpoints();
  void ApplyNotes(int64_t below);

  ProjectFile* const file_;
  const ProjectOptions& options_;
  const std::shared_ptr<Reclaimer> reclaimer_;
  DeltaReader reader_;
  RestoredProject project_;
  std::deque<PublishedRevisions::Item> kept_;
  int64_t kept_bytes_ = 0;
  int64_t last_ = 0;                                        // the revision read last
  int64_t still_to_come_ = 0;                               // revisions
  std::vector<std::pair<int64_t, HistoryChange>> changes_;  // of notes, by revision
  size_t next_change_ = 0;
  std::vector<CheckpointRecord> checkpoints_;
  std::map<int64_t, RevisionPtr> named_;  // that checkpoints name: null until it is read
};

}  // namespace voxeld
