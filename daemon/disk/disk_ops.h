// What is asked of the file system beside SQLite: names of files, and small marks. Tests put their
// own in its place, which records, fails and loses.
//
// Threading: any thread.
// Errors:    each answers 0 or the system's error.
#pragma once

#include <string>
#include <string_view>

namespace voxeld {

class DiskOps {
 public:
  virtual ~DiskOps() = default;

  virtual int Rename(const std::string& from, const std::string& to);
  virtual int Remove(const std::string& path);  // 0 also if it is not there
  // What was renamed or removed in the folder before is so after a power cut, too.
  virtual int SyncFolder(const std::string& path);
  // Writes `bytes` over the beginning of a file, which is opened, or made, if `fd` is none (-1).
  // Nothing is synced.
  virtual int Put(const std::string& path, int& fd, std::string_view bytes);
};

}  // namespace voxeld
