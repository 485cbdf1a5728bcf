#include "daemon/disk/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "daemon/disk/end_mark.h"
#include "daemon/disk/store_error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

namespace fs = std::filesystem;
using voxel::StrCat;

constexpr std::string_view kSuffix = ".voxels";
// Of a project's file and its companions.
constexpr const char* kSuffixes[] = {"", "-wal", "-shm", kEndMarkSuffix};
constexpr const char* kAside = ".aside";
constexpr std::string_view kNew = ".new-";
constexpr std::string_view kGone = ".gone-";
constexpr std::string_view kCopy = ".copy-";
constexpr size_t kUidLetters = 32;
constexpr size_t kMaxIdLetters = 63;
constexpr mode_t kOwnerOnly = 0700;

absl::Status Failed(const std::string& path, const char* what, int error) {
  return StoreError(ReasonOfSystemError(error), path, what, error);
}

std::string Words(int error) { return std::generic_category().message(error); }

absl::Status Unusable(const std::string& path, const std::string& why) {
  return absl::FailedPreconditionError(StrCat("--data-dir=", path, ": ", why));
}

// What the daemon that holds the lock wrote into it.
std::string HolderOf(int lock) {
  std::array<char, 256> text{};
  const ssize_t size = pread(lock, text.data(), text.size(), 0);
  std::string holder(text.data(), size > 0 ? static_cast<size_t>(size) : 0);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return holder.empty() ? "another voxeld" : holder;
}

// The file and its log, as far as they are there. Answers the system's error if that is not known.
template <typename Fn>
int ForEachPart(const std::string& file, Fn fn) {
  int error = 0;
  for (const char* suffix : {"", "-wal"}) {
    struct stat part {};
    if (stat((file + suffix).c_str(), &part) == 0) {
      fn(part);
    } else if (errno != ENOENT) {
      error = errno;
    }
  }
  return error;
}

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdLetters && id[0] != '.' && id[0] != '_' &&
         id[0] != '-' && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
                  c == '-';
         });
}

bool IsUid(std::string_view uid) {
  return uid.size() == kUidLetters && std::all_of(uid.begin(), uid.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDir>> DataDir::Open(const std::string& path,
                                                       std::string_view name, DiskOps* ops) {
  std::error_code error;
  fs::create_directories(path + "/projects", error);
  if (error) return Unusable(path, StrCat("cannot be made: ", error.message()));
  chmod(path.c_str(), kOwnerOnly);  // refused where it is not ours: then others decide
  const int lock = open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return Unusable(path, StrCat("cannot be written: ", Words(errno)));
  }
  std::unique_ptr<DataDir> dir(new DataDir(path, lock, ops));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return Unusable(path, StrCat("in use by ", HolderOf(lock),
                                 "; a data directory serves one daemon at a time"));
  }
  const std::string text = StrCat(name, "\n");
  if (ftruncate(lock, 0) != 0 ||
      pwrite(lock, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return Unusable(path, StrCat("cannot be written: ", Words(errno)));
  }
  if (access((path + "/projects").c_str(), W_OK | X_OK) != 0) {
    return Unusable(path, "its folder `projects` cannot be written");
  }
  VOXEL_RETURN_IF_ERROR(dir->Clean());
  return dir;
}

absl::Status DataDir::Check(const std::string& path) {
  std::error_code error;
  fs::path there = fs::absolute(path, error);
  while (!fs::exists(there, error) && there.has_relative_path()) there = there.parent_path();
  const std::string name = there == fs::path(path) ? "" : StrCat(there.string(), " ");
  if (!fs::is_directory(there, error)) return Unusable(path, StrCat(name, "is not a directory"));
  if (access(there.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return Unusable(path, StrCat(name, "cannot be written: ", Words(errno)));
}

DataDir::~DataDir() { close(lock_); }  // which lets go of the lock

absl::Status DataDir::Clean() const {
  std::vector<std::string> names;
  int error = ops_->List(path_ + "/projects", names);
  for (const std::string_view name : names) {
    if (error != 0) break;
    const bool leftover =
        name.starts_with(kNew) || name.starts_with(kGone) || name.starts_with(kCopy);
    if (leftover) error = ops_->Remove(StrCat(path_, "/projects/", name));
  }
  if (error == 0) return absl::OkStatus();
  return Unusable(path_, StrCat("cannot be read and cleaned: ", Words(error)));
}

absl::StatusOr<std::vector<ProjectVault::Entry>> DataDir::List(
    std::vector<std::string>& strange) const {
  std::vector<ProjectVault::Entry> entries;
  std::vector<std::string> names;
  if (const int error = ops_->List(path_ + "/projects", names); error != 0) {
    return Unusable(path_, StrCat("its folder `projects` cannot be read: ", Words(error)));
  }
  for (std::string& name : names) {
    std::string_view rest = name;
    if (std::any_of(std::begin(kSuffixes) + 1, std::end(kSuffixes),
                    [rest](const char* suffix) { return rest.ends_with(suffix); })) {
      continue;
    }
    bool good = rest.ends_with(kSuffix) && rest.size() > kSuffix.size() + kUidLetters + 1;
    if (good) {
      rest.remove_suffix(kSuffix.size());
      const std::string_view uid = rest.substr(rest.size() - kUidLetters);
      rest.remove_suffix(kUidLetters);
      good = rest.ends_with('.') && IsUid(uid) && IsId(rest.substr(0, rest.size() - 1));
      if (good) entries.push_back({std::string(rest.substr(0, rest.size() - 1)), std::string(uid)});
    }
    if (!good) strange.push_back(std::move(name));
  }
  return entries;
}

std::string DataDir::FileOf(std::string_view id, std::string_view uid) const {
  return StrCat(path_, "/projects/", id, ".", uid, kSuffix);
}

std::string DataDir::IdOf(std::string_view file) {
  file.remove_prefix(file.rfind('/') + 1);
  file.remove_suffix(std::min(file.size(), kSuffix.size() + kUidLetters + 1));
  return std::string(file);
}

absl::StatusOr<absl::Time> DataDir::LastWritten(const std::string& file) const {
  absl::Time last = absl::InfinitePast();
  const int error = ForEachPart(file, [&last](const struct stat& part) {
    if (part.st_size == 0) return;  // a log of somebody who only read
    last = std::max(last, absl::TimeFromTimespec(part.st_mtim));
  });
  if (error == 0) return last;
  return Unusable(path_, StrCat(file, " cannot be read: ", Words(error)));
}

int64_t DataDir::DiskBytes(const std::string& file) {
  int64_t bytes = 0;
  ForEachPart(file, [&bytes](const struct stat& part) { bytes += part.st_size; });
  return bytes;
}

absl::StatusOr<std::string> DataDir::SetAside(const std::string& file) {
  VOXEL_RETURN_IF_ERROR(Usable());
  std::string aside = file + kAside;
  for (const char* suffix : {"-shm", "-wal", kEndMarkSuffix, ""}) {  // the file itself last
    const int error = ops_->Rename(file + suffix, aside + suffix);
    if (error != 0 && (error != ENOENT || *suffix == '\0')) {
      return Failed(file, "cannot be set aside", error);
    }
  }
  VOXEL_RETURN_IF_ERROR(Sync());
  return aside;
}

std::string DataDir::NewFileOf(std::string_view uid) const {
  return StrCat(path_, "/projects/", kNew, uid);
}

std::string DataDir::CopyFileOf(std::string_view uid, uint64_t number) const {
  return StrCat(path_, "/projects/", kCopy, uid, "-", number);
}

absl::Status DataDir::WriteNew(std::string_view uid, std::string_view bytes) const {
  const std::string path = NewFileOf(uid);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed(path, "cannot be made", errno);
  int error = 0;
  while (error == 0 && !bytes.empty()) {
    const ssize_t n = write(file, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error == 0 && fsync(file) != 0) error = errno;
  close(file);
  return error == 0 ? absl::OkStatus() : Failed(path, "cannot be written", error);
}

absl::Status DataDir::Sync() {
  const std::string path = path_ + "/projects";
  const int error = ops_->SyncFolder(path);
  if (error == 0) return absl::OkStatus();
  absl::MutexLock lock(&mu_);
  broken_ = StoreError(voxel::Reason::STORE_FAILED, path, "the folder's sync failed", error);
  return broken_;
}

absl::Status DataDir::Usable() {
  absl::MutexLock lock(&mu_);
  return broken_;
}

absl::Status DataDir::Install(const std::string& from, const std::string& to) {
  VOXEL_RETURN_IF_ERROR(Usable());
  const int error = ops_->Rename(from, to);
  return error == 0 ? Sync() : Failed(to, "cannot be made", error);
}

void DataDir::Discard(const std::string& file) {
  // What cannot be removed now is at the next start.
  for (const char* suffix : kSuffixes) ops_->Remove(file + suffix);
}

absl::Status DataDir::Delete(const std::string& file, std::string_view uid) {
  VOXEL_RETURN_IF_ERROR(Usable());
  const std::string gone = StrCat(path_, "/projects/", kGone, uid);
  if (const int error = ops_->Rename(file, gone); error != 0) {
    return Failed(file, "cannot be deleted", error);
  }
  VOXEL_RETURN_IF_ERROR(Sync());
  Discard(gone);
  Discard(file);
  return absl::OkStatus();
}

}  // namespace voxeld
