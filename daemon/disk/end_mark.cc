#include "daemon/disk/end_mark.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "daemon/codec/bytes.h"
#include "daemon/codec/frame.h"
#include "daemon/disk/store_error.h"

namespace voxeld {
namespace {

constexpr size_t kMaxMarkBytes = 64;

}  // namespace

EndMark::EndMark(const std::string& file, DiskOps* ops)
    : path_(file + kEndMarkSuffix), ops_(ops != nullptr ? ops : &system_) {}

EndMark::~EndMark() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::optional<FileEnd>> EndMark::Read() const {
  int fd = -1;
  int error = ops_->OpenToRead(path_, fd);
  if (error == ENOENT) return std::nullopt;
  std::string bytes(kMaxMarkBytes, '\0');
  if (error == 0) {
    error = ops_->ReadAt(fd, 0, bytes);
    close(fd);
  }
  if (error != 0) {
    return StoreError(ReasonOfSystemError(error), path_, "the mark cannot be read", error);
  }
  const auto raw = OpenFrame(bytes);
  if (!raw.ok()) return std::nullopt;
  ByteReader in(*raw);
  FileEnd end;
  end.transactions = static_cast<int64_t>(in.Fixed64());
  if (in.left() > 0) {  // else it is of a voxeld whose transactions all wrote the state
    end.revision = static_cast<int64_t>(in.Fixed64());
    end.note = static_cast<int64_t>(in.Fixed64());
  }
  if (!in.done()) return std::nullopt;
  return end;
}

void EndMark::Write(const FileEnd& end) {
  ByteWriter out;
  for (const int64_t number : {end.transactions, end.revision, end.note}) {
    out.Fixed64(static_cast<uint64_t>(number));  // of one length, whatever the number
  }
  ops_->Put(path_, fd_, SealFrame(out.bytes(), 0));
}

void EndMark::Remove() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
  ops_->Remove(path_);
}

}  // namespace voxeld
