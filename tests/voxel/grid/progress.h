// How far a long run is: a line on stderr twice a minute, and one at its end if there was any
// before. What ends sooner says nothing, so that a run which was stopped still tells how much it
// did.
//
// Threading: any thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "voxel/base/steady_time.h"

namespace voxel {

class Progress {
 public:
  // Of `total` things called `what`, such as "operations".
  Progress(std::string what, int64_t total) : what_(std::move(what)), total_(total) {}
  ~Progress() {
    const absl::MutexLock lock(&mu_);
    if (told_ != begun_) Tell(SteadyNow());
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // So many more are done.
  void Add(int64_t n) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    done_ += n;
    const absl::Time now = SteadyNow();
    if (now - told_ < absl::Seconds(30)) return;
    told_ = now;
    Tell(now);
  }

 private:
  void Tell(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const double seconds = absl::ToDoubleSeconds(now - begun_);
    std::fprintf(stderr, "%lld of %lld %s in %.0f s, %.0f a second\n",
                 static_cast<long long>(done_), static_cast<long long>(total_), what_.c_str(),
                 seconds, static_cast<double>(done_) / seconds);
  }

  const std::string what_;
  const int64_t total_;
  const absl::Time begun_ = SteadyNow();
  absl::Mutex mu_;
  int64_t done_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Time told_ ABSL_GUARDED_BY(mu_) = begun_;
};

}  // namespace voxel
