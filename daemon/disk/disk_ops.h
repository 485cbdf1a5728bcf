// What is asked of the file system beside SQLite: names of files, small marks, and what is read of
// them and of copies. Tests put their own in its place, which records, fails and loses.
//
// Threading: any thread.
// Errors:    each answers 0 or the system's error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

  // Adds the names in a folder. After an error some may be missing.
  virtual int List(const std::string& path, std::vector<std::string>& names);
  virtual int OpenToRead(const std::string& path, int& fd);  // ENOENT: it is not there
  // Reads from `offset` until `bytes` is full, or made as short as what the file has.
  virtual int ReadAt(int fd, int64_t offset, std::string& bytes);
};

}  // namespace voxeld
