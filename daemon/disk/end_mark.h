// The end of a project's file, told by a second one beside it, `FILE-end`: what was durable when it
// was last written.
//
// Why:        SQLite takes a damaged frame of its log for the end of it, as it must, for a write
//             that a power cut tore looks the same. Whether acknowledged transactions are missing
//             behind it, only something outside of the log can tell.
// Durability: written after the fsync of what it counts, and never synced itself: it may say too
//             little after a power cut, never too much, so that it accuses nobody falsely.
// Lifetime:   that of SQLite's log. A file that was closed well has none: its own state says how
//             many transactions it has.
// Threading:  one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/disk/disk_ops.h"

namespace voxeld {

inline constexpr const char* kEndMarkSuffix = "-end";

// How far a file goes; each only grows.
struct FileEnd {
  int64_t transactions = 0;  // that wrote the state
  int64_t revision = 0;      // the last one
  int64_t note = 0;          // the last one
};

class EndMark {
 public:
  // Of the project file `file`. `ops` null: the system's.
  EndMark(const std::string& file, DiskOps* ops);
  ~EndMark();
  EndMark(const EndMark&) = delete;
  EndMark& operator=(const EndMark&) = delete;

  // What is known to have been durable; nullopt if there is no mark, or one that was torn. An error
  // if the disk does not say: then nobody knows whether something is missing. As StoreError.
  absl::StatusOr<std::optional<FileEnd>> Read() const;
  // A mark that cannot be written is none: what it would have told is known less well.
  void Write(const FileEnd& end);
  // The file was closed well.
  void Remove();

 private:
  const std::string path_;
  DiskOps system_;
  DiskOps* const ops_;
  int fd_ = -1;
};

}  // namespace voxeld
