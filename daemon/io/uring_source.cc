#include "daemon/io/uring_source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "voxel/base/check.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr unsigned kRequests = 256;      // submitted at once
constexpr unsigned kCompletions = 4096;  // more wait in the kernel
constexpr int kMostTries = 1000;  // to have room for one more; they take turns with the kernel
constexpr int kGroup = 0;         // of the buffers
constexpr size_t kKeptTextBytes = 64 << 10;
constexpr unsigned kFdBits = 24;

absl::Status Refused(std::string_view what, int error) {
  return absl::UnavailableError(voxel::StrCat(what, ": ", std::generic_category().message(error)));
}

uint16_t BufferOf(const io_uring_cqe& cqe) {
  return static_cast<uint16_t>(cqe.flags >> IORING_CQE_BUFFER_SHIFT);
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventSource>> UringSource::Create() {
  std::unique_ptr<UringSource> source(new UringSource());
  const absl::Status status = source->Open();
  if (!status.ok()) return status;
  return std::unique_ptr<EventSource>(std::move(source));
}

absl::Status UringSource::Open() {
  // Completions are worked on when we ask for them, not by interrupting us. The newest of these
  // flags came with Linux 6.1, as did the last of the multishot requests: they are the probe.
  io_uring_params params{};
  params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  params.cq_entries = kCompletions;
  if (const int error = io_uring_queue_init_params(kRequests, &ring_, &params); error != 0) {
    return Refused("io_uring_setup", -error);
  }
  open_ = true;
  const size_t places = kBuffers * sizeof(io_uring_buf);
  void* const pages = mmap(nullptr, places + kBuffers * kBufferBytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return Refused("mmap", errno);
  buffer_ring_ = static_cast<io_uring_buf_ring*>(pages);
  buffers_ = static_cast<char*>(pages) + places;
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uintptr_t>(pages);
  registration.ring_entries = kBuffers;
  registration.bgid = kGroup;
  if (const int error = io_uring_register_buf_ring(&ring_, &registration, 0); error != 0) {
    return Refused("io_uring_register", -error);
  }
  io_uring_buf_ring_init(buffer_ring_);
  for (unsigned i = 0; i < kBuffers; ++i) GiveBack(static_cast<uint16_t>(i));
  return absl::OkStatus();
}

UringSource::~UringSource() {
  if (open_) io_uring_queue_exit(&ring_);
  if (buffer_ring_ != nullptr) {
    munmap(buffer_ring_, kBuffers * (sizeof(io_uring_buf) + kBufferBytes));
  }
}

// --- Asking ---

uint64_t UringSource::Pack(const Tag& tag) {
  return uint64_t{tag.turn} << 32 | uint64_t{static_cast<uint8_t>(tag.kind)} << kFdBits |
         static_cast<uint32_t>(tag.fd);
}

io_uring_sqe* UringSource::Request() {
  for (int tries = 0;; ++tries) {
    if (io_uring_sqe* const request = io_uring_get_sqe(&ring_)) return request;
    // Makes room. The kernel may want its completions heard first, or lack memory for a moment.
    if (io_uring_submit(&ring_) < 0) io_uring_get_events(&ring_);
    VOXEL_CHECK(tries < kMostTries);
  }
}

void UringSource::AskEvents(const Tag& tag, uint32_t events) {
  io_uring_sqe* const request = Request();
  io_uring_prep_poll_multishot(request, tag.fd, events);
  io_uring_sqe_set_data64(request, Pack(tag));
}

void UringSource::AskBytes(int fd, Slot& slot) {
  io_uring_sqe* const request = Request();
  io_uring_prep_recv_multishot(request, fd, nullptr, 0, 0);
  request->flags |= IOSQE_BUFFER_SELECT;
  request->buf_group = kGroup;
  io_uring_sqe_set_data64(request, Pack({fd, Kind::kReceive, slot.turn}));
  slot.taking = true;
}

void UringSource::Cancel(const Tag& tag) {
  io_uring_sqe* const request = Request();
  io_uring_prep_cancel64(request, Pack(tag), 0);
  io_uring_sqe_set_data64(request, Pack({tag.fd, Kind::kCancel, tag.turn}));
}

absl::Status UringSource::Add(int fd, uint32_t turn, uint32_t events, FdUse use) {
  const auto index = static_cast<size_t>(fd);
  if (index >> kFdBits != 0) return absl::ResourceExhaustedError("a descriptor beyond 2^24");
  if (index >= slots_.size()) slots_.resize(std::max(index + 1, 2 * slots_.size()));
  Slot& slot = slots_[index];
  slot = Slot();
  slot.turn = turn;
  slot.used = true;
  slot.events = events;
  if (use == FdUse::kReceive) {
    // Asked about a non-blocking socket, io_uring would not wait either.
    const int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) != 0) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    slot.events &= ~uint32_t{EPOLLIN};
    AskBytes(fd, slot);
  }
  AskEvents({fd, Kind::kReady, turn}, slot.events);
  return absl::OkStatus();
}

void UringSource::AwaitRoom(int fd, bool wanted) {
  Slot& slot = slots_[static_cast<size_t>(fd)];
  slot.room = wanted;
  const Tag tag{fd, Kind::kRoom, slot.turn};
  wanted ? AskEvents(tag, EPOLLOUT) : Cancel(tag);
}

void UringSource::Remove(int fd) {
  Slot& slot = slots_[static_cast<size_t>(fd)];
  Cancel({fd, Kind::kReady, slot.turn});
  if (slot.room) Cancel({fd, Kind::kRoom, slot.turn});
  if (slot.taking) Cancel({fd, Kind::kReceive, slot.turn});
  while (slot.first != kNone) GiveBack(std::exchange(slot.first, pieces_[slot.first].next));
  slot = Slot();
  // Now: what was asked for about this descriptor must not meet the next one of its number.
  io_uring_submit(&ring_);
}

// --- Hearing ---

size_t UringSource::Wait(int millis, absl::Span<Event> events) {
  if (millis == 0) {
    io_uring_submit_and_get_events(&ring_);
  } else {
    __kernel_timespec time{millis / 1000, (millis % 1000) * 1'000'000LL};
    io_uring_cqe* first = nullptr;
    io_uring_submit_and_wait_timeout(&ring_, &first, 1, millis < 0 ? nullptr : &time, nullptr);
  }
  size_t count = 0;
  unsigned seen = 0, head = 0;
  io_uring_cqe* cqe = nullptr;
  io_uring_for_each_cqe(&ring_, head, cqe) {
    if (count == events.size()) break;
    ++seen;
    events[count] = Complete(*cqe);
    if (events[count].events != 0) ++count;
  }
  io_uring_cq_advance(&ring_, seen);
  return count;
}

EventSource::Event UringSource::Complete(const io_uring_cqe& cqe) {
  const Tag tag{static_cast<int>(cqe.user_data & ((1u << kFdBits) - 1)),
                static_cast<Kind>(cqe.user_data >> kFdBits & 0xFF),
                static_cast<uint32_t>(cqe.user_data >> 32)};
  Slot& slot = slots_[static_cast<size_t>(tag.fd)];
  if (tag.kind == Kind::kCancel) return {};
  if (!slot.used || slot.turn != tag.turn) {  // what it was about is gone
    if ((cqe.flags & IORING_CQE_F_BUFFER) != 0) GiveBack(BufferOf(cqe));
    return {};
  }
  if (tag.kind == Kind::kReceive) return {tag.fd, tag.turn, Got(tag.fd, slot, cqe)};
  if (cqe.res == -ECANCELED) return {};  // no longer wanted
  // Whoever handles the descriptor finds out by reading it what is wrong.
  if (cqe.res < 0) return {tag.fd, tag.turn, EPOLLERR};
  const bool last = (cqe.flags & IORING_CQE_F_MORE) == 0;
  if (last && tag.kind == Kind::kReady) AskEvents(tag, slot.events);
  if (last && tag.kind == Kind::kRoom && slot.room) AskEvents(tag, EPOLLOUT);
  return {tag.fd, tag.turn, static_cast<uint32_t>(cqe.res)};
}

// The events that it comes to.
uint32_t UringSource::Got(int fd, Slot& slot, const io_uring_cqe& cqe) {
  if ((cqe.flags & IORING_CQE_F_MORE) == 0) slot.taking = false;
  uint32_t events = 0;
  if (cqe.res > 0) {
    const uint16_t buffer = BufferOf(cqe);
    pieces_[buffer] = {kNone, static_cast<uint32_t>(cqe.res)};
    if (slot.first == kNone) {
      holding_.push_back(fd);
      slot.first = buffer;
    } else {
      pieces_[slot.last].next = buffer;
    }
    slot.last = buffer;
    events = EPOLLIN;
  } else if (cqe.res == 0) {
    slot.ended = true;
    events = EPOLLIN | EPOLLRDHUP;
  } else if (cqe.res != -ENOBUFS && cqe.res != -ECANCELED && cqe.res != -EINTR) {
    slot.ended = true;
    slot.error = -cqe.res;
    events = EPOLLIN | EPOLLERR;
  }
  // Where buffers were short, they are back before this is heard of: at the round's end.
  if (!slot.taking && !slot.paused && !slot.ended) AskBytes(fd, slot);
  return events;
}

void UringSource::EndRound() {
  GiveBackLent();
  for (const int fd : holding_) {
    Slot& slot = slots_[static_cast<size_t>(fd)];
    if (slot.used && slot.first != kNone) Keep(fd, slot);
  }
  holding_.clear();
}

// Copies what is left, and stops more from coming.
void UringSource::Keep(int fd, Slot& slot) {
  while (slot.first != kNone) {
    const uint16_t buffer = std::exchange(slot.first, pieces_[slot.first].next);
    slot.kept.append(BufferAt(buffer), pieces_[buffer].bytes);
    GiveBack(buffer);
  }
  if (slot.taking && !slot.paused) Cancel({fd, Kind::kReceive, slot.turn});
  slot.paused = true;
}

// --- Taking ---

EventSource::Received UringSource::Receive(int fd) {
  GiveBackLent();
  Slot& slot = slots_[static_cast<size_t>(fd)];
  if (!slot.kept.empty()) {
    lent_text_.swap(slot.kept);
    return {.bytes = lent_text_, .error = 0, .more = true};
  }
  if (slot.first != kNone) {
    lent_ = std::exchange(slot.first, pieces_[slot.first].next);
    return {.bytes = {BufferAt(lent_), pieces_[lent_].bytes}, .error = 0, .more = true};
  }
  if (slot.ended) return {.bytes = {}, .error = slot.error, .more = false};
  slot.paused = false;
  if (!slot.taking) AskBytes(fd, slot);
  return {.bytes = {}, .error = EAGAIN, .more = false};
}

void UringSource::GiveBack(uint16_t buffer) {
  io_uring_buf_ring_add(buffer_ring_, BufferAt(buffer), kBufferBytes, buffer,
                        io_uring_buf_ring_mask(kBuffers), 0);
  io_uring_buf_ring_advance(buffer_ring_, 1);
}

void UringSource::GiveBackLent() {
  if (lent_ != kNone) GiveBack(std::exchange(lent_, kNone));
  lent_text_.clear();
  if (lent_text_.capacity() > kKeptTextBytes) lent_text_.shrink_to_fit();
}

}  // namespace voxeld
