#include "tests/daemon/disk/fault_vfs.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace voxeld {
namespace {

std::atomic<int> made_names{0};
thread_local int last_error = 0;  // what sqlite3_system_errno is to tell

bool IsThere(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

struct FaultVfs::File {
  sqlite3_file base;
  FaultVfs* disk;
  std::string path;
  int last_error;
  bool new_name;  // its first sync syncs the folder, too, as SQLite does for logs
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

// SQLite's side of it: a table of functions for files, and the one of the file system.
struct FaultVfs::Calls {
  static File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* Real(sqlite3_file* file) { return Of(file)->real(); }
  static FaultVfs* Of(sqlite3_vfs* vfs) { return static_cast<FaultVfs*>(vfs->pAppData); }

  static int Error(int code, int error) {
    last_error = error;
    return code;
  }
  static int Error(sqlite3_file* file, int code, int error) {
    Of(file)->last_error = error;
    return Error(code, error);
  }

  static int Close(sqlite3_file* file) {
    const int code =
        Real(file)->pMethods == nullptr ? SQLITE_OK : Real(file)->pMethods->xClose(Real(file));
    Of(file)->~File();
    return code;
  }

  // As with SQLite's own VFS: the rest of what ends early is zeros, and EIO has a code of its own.
  static int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    Fault how;
    const bool fails = Of(file)->disk->Fails(Fault::Call::kRead, how);
    const int code = Real(file)->pMethods->xRead(Real(file), to, size, offset);
    if (!fails || code != SQLITE_OK) return code;
    const int read = how.partly ? size / 2 : 0;
    std::memset(static_cast<char*>(to) + read, 0, static_cast<size_t>(size - read));
    if (how.error == 0) return SQLITE_IOERR_SHORT_READ;
    return Error(file, how.error == EIO ? SQLITE_IOERR_CORRUPTFS : SQLITE_IOERR_READ, how.error);
  }

  static int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    File* const self = Of(file);
    Fault how;
    const bool fails = self->disk->Fails(Fault::Call::kWrite, how);
    const int carried_out = !fails ? size : how.partly ? size / 2 : 0;
    if (carried_out > 0) {
      const int code = Real(file)->pMethods->xWrite(Real(file), from, carried_out, offset);
      if (code != SQLITE_OK) return code;
      self->disk->Log(
          {DiskEvent::Kind::kWrite, self->path, "", offset,
           std::string(static_cast<const char*>(from), static_cast<size_t>(carried_out))});
    }
    if (!fails) return SQLITE_OK;
    return how.error == ENOSPC ? SQLITE_FULL : Error(file, SQLITE_IOERR_WRITE, how.error);
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    File* const self = Of(file);
    Fault how;
    if (self->disk->Fails(Fault::Call::kTruncate, how))
      return Error(file, SQLITE_IOERR_TRUNCATE, how.error);
    const int code = Real(file)->pMethods->xTruncate(Real(file), size);
    if (code == SQLITE_OK) self->disk->Log({DiskEvent::Kind::kTruncate, self->path, "", size, ""});
    return code;
  }

  static int Sync(sqlite3_file* file, int) {
    File* const self = Of(file);
    self->disk->WaitWhileHeld();
    Fault how;
    if (self->disk->Fails(Fault::Call::kSync, how)) {
      self->disk->Log({DiskEvent::Kind::kFailedSync, self->path, "", 0, ""});
      return Error(file, SQLITE_IOERR_FSYNC, how.error);
    }
    // The real one would only cost time: what is lost, the log decides.
    self->disk->Log({DiskEvent::Kind::kSync, self->path, "", 0, ""});
    if (std::exchange(self->new_name, false)) {
      self->disk->Log({DiskEvent::Kind::kSyncFolder, "", "", 0, ""});
    }
    return SQLITE_OK;
  }

  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    Fault how;
    if (Of(file)->disk->Fails(Fault::Call::kSize, how)) {
      return Error(file, SQLITE_IOERR_FSTAT, how.error);
    }
    return Real(file)->pMethods->xFileSize(Real(file), size);
  }
  static int Lock(sqlite3_file* file, int level) {
    return Real(file)->pMethods->xLock(Real(file), level);
  }
  static int Unlock(sqlite3_file* file, int level) {
    return Real(file)->pMethods->xUnlock(Real(file), level);
  }
  static int CheckReservedLock(sqlite3_file* file, int* out) {
    return Real(file)->pMethods->xCheckReservedLock(Real(file), out);
  }
  static int FileControl(sqlite3_file* file, int op, void* arg) {
    if (op == SQLITE_FCNTL_LAST_ERRNO) {
      *static_cast<int*>(arg) = Of(file)->last_error;
      return SQLITE_OK;
    }
    return Real(file)->pMethods->xFileControl(Real(file), op, arg);
  }
  static int SectorSize(sqlite3_file*) { return 4096; }
  // No promise at all: neither that sectors are whole nor that what was appended is.
  static int Characteristics(sqlite3_file*) { return 0; }
  static int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    Fault how;
    if (Of(file)->disk->Fails(Fault::Call::kShare, how)) {
      *out = nullptr;
      return Error(file, SQLITE_IOERR_SHMMAP, how.error);
    }
    return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, out);
  }
  static int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
    return Real(file)->pMethods->xShmLock(Real(file), offset, n, flags);
  }
  static void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
  static int ShmUnmap(sqlite3_file* file, int remove) {
    return Real(file)->pMethods->xShmUnmap(Real(file), remove);
  }

  static const sqlite3_io_methods* Methods() {
    static constexpr sqlite3_io_methods kMethods = {2,
                                                    Close,
                                                    Read,
                                                    Write,
                                                    Truncate,
                                                    Sync,
                                                    FileSize,
                                                    Lock,
                                                    Unlock,
                                                    CheckReservedLock,
                                                    FileControl,
                                                    SectorSize,
                                                    Characteristics,
                                                    ShmMap,
                                                    ShmLock,
                                                    ShmBarrier,
                                                    ShmUnmap,
                                                    nullptr,
                                                    nullptr};
    return &kMethods;
  }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags,
                  int* out_flags) {
    FaultVfs* const disk = Of(vfs);
    File* const file = new (out) File{{nullptr}, disk, name == nullptr ? "" : name, 0, false};
    const bool made = (flags & SQLITE_OPEN_CREATE) != 0 && !IsThere(file->path);
    Fault how;
    int code = SQLITE_OK;
    const bool fails = disk->Fails(made ? Fault::Call::kMake : Fault::Call::kOpen, how);
    if (fails && how.partly) {
      flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    }
    if (fails && !how.partly) {
      code = Error(SQLITE_CANTOPEN, how.error);
    } else {
      code = disk->real_->xOpen(disk->real_, name, file->real(), flags, out_flags);
      if (code != SQLITE_OK) last_error = errno;
    }
    if (code != SQLITE_OK) {
      file->~File();
      out->pMethods = nullptr;
      return code;
    }
    // SQLite's own VFS goes by the flag, too: the file may be there, of one who never synced it.
    file->new_name = (flags & SQLITE_OPEN_CREATE) != 0 &&
                     (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    if (made) disk->Log({DiskEvent::Kind::kCreate, file->path, "", 0, ""});
    out->pMethods = Methods();
    return SQLITE_OK;
  }

  static int Access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    FaultVfs* const disk = Of(vfs);
    const int code = disk->real_->xAccess(disk->real_, name, flags, out);
    Fault how;
    if (code == SQLITE_OK && *out != 0 && disk->Fails(Fault::Call::kLook, how)) *out = 0;
    return code;
  }

  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    FaultVfs* const disk = Of(vfs);
    Fault how;
    if (disk->Fails(Fault::Call::kDelete, how)) return Error(SQLITE_IOERR_DELETE, how.error);
    const int code = disk->real_->xDelete(disk->real_, name, 0);
    if (code != SQLITE_OK) return code;
    disk->Log({DiskEvent::Kind::kDelete, name, "", 0, ""});
    if (sync_folder != 0) disk->Log({DiskEvent::Kind::kSyncFolder, "", "", 0, ""});
    return SQLITE_OK;
  }

  static int LastError(sqlite3_vfs*, int, char*) { return last_error; }
};

FaultVfs::FaultVfs()
    : name_("faults" + std::to_string(++made_names)), real_(sqlite3_vfs_find(nullptr)) {
  vfs_ = *real_;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Calls::Open;
  vfs_.xDelete = Calls::Delete;
  vfs_.xAccess = Calls::Access;
  vfs_.xGetLastError = Calls::LastError;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultVfs::SetFault(const Fault& fault) {
  absl::MutexLock lock(&mu_);
  fault_ = fault;
  counts_.fill(0);
}

int64_t FaultVfs::calls(Fault::Call call) const {
  absl::MutexLock lock(&mu_);
  return counts_[static_cast<size_t>(call)];
}

bool FaultVfs::Fails(Fault::Call call, Fault& how) {
  absl::MutexLock lock(&mu_);
  const int64_t number = ++counts_[static_cast<size_t>(call)];
  how = fault_;
  return fault_.call == call && fault_.at > 0 &&
         (number == fault_.at || (fault_.lasting && number > fault_.at));
}

size_t FaultVfs::events() const {
  absl::MutexLock lock(&mu_);
  return log_.size();
}

std::vector<DiskEvent> FaultVfs::TakeLog() {
  absl::MutexLock lock(&mu_);
  return std::exchange(log_, {});
}

void FaultVfs::Log(DiskEvent event) {
  absl::MutexLock lock(&mu_);
  log_.push_back(std::move(event));
}

void FaultVfs::HoldSyncs(bool hold) {
  absl::MutexLock lock(&mu_);
  held_ = hold;
}

bool FaultVfs::AwaitHeld(absl::Duration most) {
  absl::MutexLock lock(&mu_);
  return mu_.AwaitWithTimeout(absl::Condition(
                                  +[](int* waiting) { return *waiting > 0; }, &waiting_),
                              most);
}

void FaultVfs::WaitWhileHeld() {
  absl::MutexLock lock(&mu_);
  ++waiting_;
  mu_.Await(absl::Condition(
      +[](bool* held) { return !*held; }, &held_));
  --waiting_;
}

int FaultVfs::Rename(const std::string& from, const std::string& to) {
  Fault how;
  if (Fails(Fault::Call::kRename, how)) return how.error;
  const int error = DiskOps::Rename(from, to);
  if (error == 0) Log({DiskEvent::Kind::kRename, from, to, 0, ""});
  return error;
}

int FaultVfs::Remove(const std::string& path) {
  Fault how;
  if (!IsThere(path)) return 0;
  if (Fails(Fault::Call::kDelete, how)) return how.error;
  const int error = DiskOps::Remove(path);
  if (error == 0) Log({DiskEvent::Kind::kDelete, path, "", 0, ""});
  return error;
}

int FaultVfs::SyncFolder(const std::string&) {
  Fault how;
  if (Fails(Fault::Call::kSyncFolder, how)) return how.error;
  Log({DiskEvent::Kind::kSyncFolder, "", "", 0, ""});
  return 0;
}

int FaultVfs::Put(const std::string& path, int& fd, std::string_view bytes) {
  Fault how;
  if (Fails(Fault::Call::kPut, how)) return how.error;
  const bool made = fd < 0 && !IsThere(path);
  const int error = DiskOps::Put(path, fd, bytes);
  if (error != 0) return error;
  if (made) Log({DiskEvent::Kind::kCreate, path, "", 0, ""});
  Log({DiskEvent::Kind::kWrite, path, "", 0, std::string(bytes)});
  return 0;
}

int FaultVfs::OpenToRead(const std::string& path, int& fd) {
  Fault how;
  if (IsThere(path) && Fails(Fault::Call::kOpen, how) && !how.partly) return how.error;
  return DiskOps::OpenToRead(path, fd);
}

int FaultVfs::ReadAt(int fd, int64_t offset, std::string& bytes) {
  Fault how;
  const bool fails = Fails(Fault::Call::kRead, how);
  const int error = DiskOps::ReadAt(fd, offset, bytes);
  if (!fails || error != 0) return error;
  bytes.resize(how.partly ? bytes.size() / 2 : 0);
  return how.error;
}

}  // namespace voxeld
