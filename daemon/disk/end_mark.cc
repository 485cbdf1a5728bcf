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

int64_t EndMark::Read() const {
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  std::array<char, kMaxMarkBytes> bytes{};
  const ssize_t size = pread(fd, bytes.data(), bytes.size(), 0);
  close(fd);
  if (size <= 0) return 0;
  const auto raw = OpenFrame(std::string_view(bytes.data(), static_cast<size_t>(size)));
  if (!raw.ok()) return 0;
  ByteReader in(*raw);
  const auto transactions = static_cast<int64_t>(in.Fixed64());
  return in.done() ? transactions : 0;
}

void EndMark::Write(int64_t transactions) {
  ByteWriter out;
  out.Fixed64(static_cast<uint64_t>(transactions));  // of one length, whatever the number
  ops_->Put(path_, fd_, SealFrame(out.Take(), 0));
}

void EndMark::Remove() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
  ops_->Remove(path_);
}

}  // namespace voxeld
