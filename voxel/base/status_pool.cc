#include "voxel/base/status_pool.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>

#include "absl/base/config.h"
#include "absl/base/thread_annotations.h"
#include "absl/status/internal/status_internal.h"
#include "absl/strings/cord.h"
#include "absl/synchronization/mutex.h"
#include "voxel/base/recycler.h"
#include "voxel/base/string_view.h"

namespace voxel {
namespace {

using absl::status_internal::StatusRep;

// The one place that knows how a status lies in memory: a word that is the address of a StatusRep,
// plus one; or an even one, if it has a code alone. Abseil has no way to write a message into a
// status that is there already, and shows a payload's name as a copy only.
static_assert(ABSL_LTS_RELEASE_VERSION == 20220623 && sizeof(absl::Status) == sizeof(uintptr_t),
              "see in absl/status/status.h whether rep_ is still what RepOf takes it for");

// Null for a status of a code alone.
StatusRep* RepOf(const absl::Status& status) {
  uintptr_t word = 0;
  std::memcpy(&word, static_cast<const void*>(&status), sizeof word);
  return (word & 1) == 0 ? nullptr : reinterpret_cast<StatusRep*>(word - 1);
}

// Details stand in the name of a payload, whose memory can be written again; a payload's own bytes
// cannot.
constexpr std::string_view kDetails = "voxeld/details ";

absl::Status NewStatus() {
  absl::Status status(absl::StatusCode::kUnknown, "new");
  status.SetPayload(ToAbsl(kDetails), absl::Cord());
  return status;
}

class StatusPool final : public internal::AnyRecycler {
 public:
  StatusPool() { Register(); }

  // A status that nobody else reads. What it said lives on in it.
  absl::Status Take() {
    if (PlainMemory()) return NewStatus();
    absl::MutexLock lock(&mu_);
    for (size_t i = 0; i < kTries && i < count_; ++i) {
      absl::Status& kept = kept_[next_];
      next_ = (next_ + 1) % count_;
      if (Free(kept)) return kept;
    }
    absl::Status fresh = NewStatus();
    if (count_ < kMost) {
      kept_[count_++] = fresh;
      Count(kStatusBytes);
    }
    return fresh;
  }

  // Without the texts that are longer than a string holds in itself.
  int64_t Bytes() const override {
    absl::MutexLock lock(&mu_);
    return static_cast<int64_t>(count_) * kStatusBytes;
  }
  int64_t Trim() override {
    const int64_t bytes = Bytes();
    absl::MutexLock lock(&mu_);
    for (size_t i = 0; i < count_; ++i) kept_[i] = absl::OkStatus();
    Count(-static_cast<int64_t>(count_) * kStatusBytes);
    count_ = next_ = 0;
    return bytes;
  }

 private:
  static constexpr size_t kMost = 256;
  // They are let go of about in the order they were taken.
  static constexpr size_t kTries = 4;
  static constexpr size_t kKeptBytes = 4096;
  static constexpr auto kStatusBytes =
      static_cast<int64_t>(sizeof(StatusRep) + sizeof(absl::status_internal::Payloads));

  // Whether only the pool holds it, and it is not a large one. acquire: whoever let go of it last
  // has read what it read.
  static bool Free(absl::Status& kept) {
    const StatusRep& rep = *RepOf(kept);
    if (rep.ref.load(std::memory_order_acquire) != 1) return false;
    const bool large =
        rep.message.capacity() + rep.payloads->front().type_url.capacity() > kKeptBytes;
    if (large) kept = NewStatus();
    return true;
  }

  mutable absl::Mutex mu_;
  std::array<absl::Status, kMost> kept_ ABSL_GUARDED_BY(mu_);
  size_t count_ ABSL_GUARDED_BY(mu_) = 0;
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;
};

StatusPool& Statuses() {
  static auto* const statuses = new StatusPool();
  return *statuses;
}

}  // namespace

absl::Status MakeStatus(absl::StatusCode code, std::string_view message,
                        absl::FunctionRef<void(std::string* details)> write) {
  absl::Status status = Statuses().Take();
  StatusRep& rep = *RepOf(status);
  rep.code = code;
  rep.message.assign(message);
  std::string& details = rep.payloads->front().type_url;
  details.assign(kDetails);
  write(&details);
  return status;
}

std::string_view DetailsOf(const absl::Status& status) {
  const StatusRep* const rep = RepOf(status);
  if (rep == nullptr || rep->payloads == nullptr) return {};
  for (const absl::status_internal::Payload& payload : *rep->payloads) {
    const std::string_view name = payload.type_url;
    if (name.starts_with(kDetails)) return name.substr(kDetails.size());
  }
  return {};
}

}  // namespace voxel
