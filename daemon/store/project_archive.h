// What a store that keeps each project in a file does with the files as such: copies them, checks
// them, takes one in.
//
// Threading: every method from any thread; what they return belongs to one thread at a time. All
//            of it waits for the disk: for workers only. Readers and writers of the projects go on
//            meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/revision.h"
#include "voxel/base/task_context.h"

namespace voxeld {

// A project's file as it was at one moment.
class ProjectCopy {
 public:
  virtual ~ProjectCopy() = default;
  virtual const std::string& name() const = 0;  // of the file, without its folder
  virtual int64_t bytes() const = 0;
  virtual int64_t revision() const = 0;  // the last one in it
  // `size` bytes from `offset`, or as many as there are up to the end. STORE_FAILED, COMMIT_FAILED
  // (the disk failed).
  virtual absl::StatusOr<std::string> Read(int64_t offset, size_t size) const = 0;
};

// What a check of a project's file found, as it was at one moment.
struct CheckReport {
  std::string file;                   // its path
  std::vector<std::string> findings;  // what is wrong and where, in words
  int64_t bytes = 0;                  // of blobs that were checked
  int64_t revisions = 0;              // in the file
  // The last revision, and those that have a name, as they were read back; empty if they could not.
  std::vector<RevisionPtr> contents;
};

class ProjectArchive {
 public:
  virtual ~ProjectArchive() = default;

  // Whether it has a file of that project.
  virtual bool Has(const std::string& uid) = 0;
  // What that file takes, with its log; 0 if there is none. Any thread: it reads nothing.
  virtual int64_t DiskBytes(const std::string& uid) = 0;
  // PROJECT_NOT_FOUND, CALL_CANCELLED, DEADLINE_PASSED, FORMAT_CORRUPT, STORE_FULL (a copy is made
  // on the disk first), STORE_FAILED, STORE_DAMAGED, COMMIT_FAILED.
  virtual absl::StatusOr<std::unique_ptr<ProjectCopy>> CopyOf(
      const std::string& uid, const voxel::TaskContext& context) = 0;
  // PROJECT_NOT_FOUND, CALL_CANCELLED, DEADLINE_PASSED. What is wrong with the file is a finding.
  virtual absl::StatusOr<CheckReport> Check(const std::string& uid,
                                            const voxel::TaskContext& context) = 0;
  // Checks the bytes of a project's file and makes them the file of a project, durably; returns its
  // last revision. FORMAT_CORRUPT (what the check found first), COMMIT_FAILED.
  virtual absl::StatusOr<int64_t> Install(std::string_view bytes, const std::string& id,
                                          const std::string& uid,
                                          const voxel::TaskContext& context) = 0;
};

}  // namespace voxeld
