// Checks one project's file: SQLite's own structure, every blob, then all of it as it is read back.
//
// Data flow: a read transaction on a connection of its own -> integrity_check -> each blob of each
//            table -> the reader, and the mark of its end. What is found is put into words, and the
//            check goes on.
// Threading: one thread; whoever writes the file goes on meanwhile.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/disk/project_file.h"
#include "daemon/disk/sqlite_db.h"
#include "daemon/store/project_archive.h"
#include "voxel/base/task_context.h"

namespace voxeld {

// What the file holds now: a transaction that begins behind all that its mark tells of. Errors as
// SqliteDb; that the mark cannot be read is for whoever looks at it.
absl::StatusOr<FileSnapshot> OpenSnapshot(const std::string& path, SqliteDb::Mode mode,
                                          const FileOptions& options);

// Checks what `snapshot` sees of the file at `path`. CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<CheckReport> CheckSnapshot(const std::string& path, FileSnapshot snapshot,
                                          const FileOptions& options,
                                          const voxel::TaskContext& context);

// The same of a file that nobody has open; one that cannot be opened is a finding. It is not
// changed.
absl::StatusOr<CheckReport> CheckFile(const std::string& path, const FileOptions& options,
                                      const voxel::TaskContext& context);

}  // namespace voxeld
