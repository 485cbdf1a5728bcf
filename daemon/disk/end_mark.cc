#include "daemon/disk/end_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

#include "daemon/codec/bytes.h"
#include "daemon/codec/frame.h"

namespace voxeld {
namespace {

constexpr size_t kMaxMarkBytes = 64;

}  // namespace

EndMark::EndMark(const std::string& file, DiskOps* ops)
    : path_(file + kEndMarkSuffix), ops_(ops != nullptr ? ops : &system_) {}

EndMark::~EndMark() {
  if (fd_ >= 0) close(fd_);
}

std::optional<FileEnd> EndMark::Read() const {
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::array<char, kMaxMarkBytes> bytes{};
  const ssize_t size = pread(fd, bytes.data(), bytes.size(), 0);
  close(fd);
  if (size <= 0) return std::nullopt;
  const auto raw = OpenFrame(std::string_view(bytes.data(), static_cast<size_t>(size)));
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
