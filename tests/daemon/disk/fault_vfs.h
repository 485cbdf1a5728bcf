// A disk for tests: what SQLite and DataDir ask of it goes to the real file system, is written
// down, and fails where the test wants it to.
//
//     FaultVfs disk;
//     FileOptions{.vfs = disk.name(), .ops = &disk}
//
// Log:       every change of a file or a folder in the order in which it was made, and every sync;
//            what failed stands there as far as it was carried out. SQLite's shared memory is no
//            part of it: nobody reads it after a power cut.
// Threading: any thread.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/disk/disk_ops.h"

namespace voxeld {

struct DiskEvent {
  enum class Kind : uint8_t {
    kCreate,      // of a file that was not there
    kWrite,       // bytes at an offset
    kTruncate,    // to the size `offset`
    kSync,        // of a file
    kFailedSync,  // of a file: any part of what was written since the last may be lost for good
    kDelete,
    kRename,  // of `path` to `to`
    kSyncFolder,
  };
  Kind kind = Kind::kSync;
  std::string path;
  std::string to;
  int64_t offset = 0;
  std::string bytes;
};

// Which call fails, and how.
struct Fault {
  enum class Call : uint8_t {
    kWrite,
    kSync,
    kTruncate,
    kDelete,
    kMake,  // of a file that is not there
    kRename,
    kSyncFolder,
    kPut,
    kOpen,   // of one that is
    kRead,   // of a file or a mark, at an offset
    kSize,   // that a file has
    kLook,   // whether a file is there, which it is: as with SQLite's own VFS the answer is no
    kShare,  // the memory that the connections to a file share
  };
  Call call = Call::kWrite;
  int64_t at = 0;        // the call of that number, from 1; 0: none
  bool lasting = false;  // and all after it
  int error = 0;         // the system's
  // Of a write or a read: its first half is carried out; of a read without an error: it ends there,
  // and says so, though the file goes on. Of an open: it succeeds, for reading only.
  bool partly = false;
};
inline constexpr size_t kFaultCalls = 13;

class FaultVfs final : public DiskOps {
 public:
  FaultVfs();
  ~FaultVfs() override;
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const { return name_; }

  // Counts from 1 again.
  void SetFault(const Fault& fault);
  int64_t calls(Fault::Call call) const;

  size_t events() const;
  std::vector<DiskEvent> TakeLog();

  // While held, syncs of files wait. AwaitHeld returns once one does, or (false) it took too long.
  void HoldSyncs(bool hold);
  bool AwaitHeld(absl::Duration most);

  int Rename(const std::string& from, const std::string& to) override;
  int Remove(const std::string& path) override;
  int SyncFolder(const std::string& path) override;
  int Put(const std::string& path, int& fd, std::string_view bytes) override;
  int OpenToRead(const std::string& path, int& fd) override;
  int ReadAt(int fd, int64_t offset, std::string& bytes) override;

 private:
  struct File;
  struct Calls;  // SQLite's callbacks

  // Whether this call is to fail; then `error` and `partly` tell how.
  bool Fails(Fault::Call call, Fault& how);
  void Log(DiskEvent event);
  void WaitWhileHeld();

  const std::string name_;
  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_{};

  mutable absl::Mutex mu_;
  std::vector<DiskEvent> log_ ABSL_GUARDED_BY(mu_);
  Fault fault_ ABSL_GUARDED_BY(mu_);
  std::array<int64_t, kFaultCalls> counts_ ABSL_GUARDED_BY(mu_){};
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  int waiting_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace voxeld
