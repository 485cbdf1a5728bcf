// Readiness and bytes by io_uring: each descriptor is asked for once (multishot), bytes arrive in
// buffers that all sockets share.
//
// Data flow:  the kernel fills buffers of the ring as bytes come; Receive shows them one by one. No
//             buffer is held over the end of a round: what nobody took by then is copied, and the
//             socket is not received from until that is gone. So there are always buffers for the
//             others, however slow one handler is.
// Threading:  the thread that created it: the kernel works for that one only.
// Needs:      Linux 6.1; whoever runs us may forbid io_uring (seccomp, io_uring_disabled).
#pragma once

#include <liburing.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/io/event_source.h"

namespace voxeld {

class UringSource final : public EventSource {
 public:
  // UNAVAILABLE, and why, if it is not to be had here.
  static absl::StatusOr<std::unique_ptr<EventSource>> Create();
  ~UringSource() override;

  absl::Status Add(int fd, uint32_t turn, uint32_t events, FdUse use) override;
  void AwaitRoom(int fd, bool wanted) override;
  void Remove(int fd) override;
  size_t Wait(int millis, absl::Span<Event> events) override;
  void EndRound() override;
  Received Receive(int fd) override;
  int descriptor() const override { return -1; }

 private:
  static constexpr unsigned kBuffers = 256;
  static constexpr size_t kBufferBytes = 4 << 10;
  static constexpr uint16_t kNone = 0xFFFF;

  enum class Kind : uint8_t { kReady, kRoom, kReceive, kCancel };
  // What we asked for, in a request's user data.
  struct Tag {
    int fd;
    Kind kind;
    uint32_t turn;
  };
  struct Slot {
    uint32_t turn = 0;
    uint32_t events = 0;  // waited for
    FdUse use = FdUse::kWait;
    bool used = false;
    bool taking = false;  // the kernel receives
    bool paused = false;  // it shall not, until `kept` is taken
    bool room = false;    // it tells of room for output
    bool ended = false;   // nothing comes any more
    int error = 0;        // what came instead
    // Buffers that came in this round, a list through pieces_.
    uint16_t first = kNone, last = kNone;
    std::string kept;  // what came in earlier ones and nobody took
  };
  // What the kernel put into one buffer.
  struct Piece {
    uint16_t next = kNone;
    uint32_t bytes = 0;
  };

  UringSource() = default;
  absl::Status Open();

  static uint64_t Pack(const Tag& tag);
  io_uring_sqe* Request();
  void AskEvents(const Tag& tag, uint32_t events);
  void AskBytes(int fd, Slot& slot);
  void Cancel(const Tag& tag);
  // The event that a completion makes; 0 events: none.
  Event Complete(const io_uring_cqe& cqe);
  uint32_t Got(int fd, Slot& slot, const io_uring_cqe& cqe);
  void GiveBack(uint16_t buffer);
  void GiveBackLent();
  void Keep(int fd, Slot& slot);
  char* BufferAt(uint16_t buffer) const { return buffers_ + buffer * kBufferBytes; }

  io_uring ring_{};
  bool open_ = false;
  io_uring_buf_ring* buffer_ring_ = nullptr;  // kBuffers places, and behind them the buffers
  char* buffers_ = nullptr;
  std::array<Piece, kBuffers> pieces_;
  std::vector<Slot> slots_;   // by descriptor
  std::vector<int> holding_;  // descriptors that got bytes in this round
  uint16_t lent_ = kNone;     // shown by the last Receive
  std::string lent_text_;     // the same, of what was kept
};

}  // namespace voxeld
