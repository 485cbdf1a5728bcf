// Keeps the voxels of all projects below a limit of memory, in stages. Each begins above a number
// of bytes of its own, so that the cheap ones come first:
//
//   kCaches     what is only kept for later is given back
//   kProjects   idle projects leave memory
//   kRefusing   edits are refused, while reads and deletions go on (the methods see to that)
//
// Threading: any thread; RelieveWith before the first Check. Check is a load below the
//            first stage, and reads the clock as well above it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace voxeld {

class MemoryPressure {
 public:
  enum class Stage : uint8_t { kNone, kCaches, kProjects, kRefusing };
  // "none", "caches", "projects", "refusing".
  static std::string_view NameOf(Stage stage);

  // The bytes of voxels, old revisions too, above which each stage begins.
  struct Limits {
    static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
    int64_t caches = kNever;
    int64_t projects = kNever;
    int64_t refusing = kNever;
  };
  // Five eighths of `bytes`, three quarters, and all of them.
  static Limits LimitsFor(int64_t bytes);

  explicit MemoryPressure(const Limits& limits) : limits_(limits) {}

  // `relieve` begins what `stage` does, on some other thread, and that calls Relieved at its end.
  // It is not called again before, nor within `pause` after it: where nothing can be given back,
  // nobody looks for it with every edit. False: there is nothing worth it just now, nothing was
  // begun, and it is not asked again within `pause`. REQUIRES: kCaches or kProjects.
  void RelieveWith(Stage stage, absl::Duration pause, absl::AnyInvocable<bool()> relieve);
  // From now on nobody is called for `stage`.
  void Detach(Stage stage);

  void Check();
  void Relieved(Stage stage);

  // What the memory in use asks for just now.
  Stage stage() const;
  // How often `stage` was begun. REQUIRES: as RelieveWith.
  int64_t begun(Stage stage) const { return MeasureOf(stage).begun.load(); }
  const Limits& limits() const { return limits_; }

 private:
  struct Measure {
    std::atomic<bool> running{false};
    std::atomic<int64_t> not_before_ns{0};  // of the steady clock
    std::atomic<int64_t> begun{0};
    absl::Mutex mu;
    absl::AnyInvocable<bool()> relieve ABSL_GUARDED_BY(mu);
    int64_t pause_ns = 0;  // constant after RelieveWith
  };

  Measure& MeasureOf(Stage stage) { return measures_[static_cast<size_t>(stage) - 1]; }
  const Measure& MeasureOf(Stage stage) const { return measures_[static_cast<size_t>(stage) - 1]; }
  static void Begin(Measure& measure);
  static void End(Measure& measure);

  const Limits limits_;
  std::array<Measure, 2> measures_;
};

}  // namespace voxeld
