// How long each of many things took.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace voxeld::bench {

using Clock = std::chrono::steady_clock;

class Latencies {
 public:
  void Add(Clock::duration took) {
    ns_.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count());
  }
  size_t count() const { return ns_.size(); }
  // Microseconds that the given share of all took at most; 0 if there are none.
  double Quantile(double share) {
    if (ns_.empty()) return 0;
    const auto rank = static_cast<size_t>(share * static_cast<double>(ns_.size() - 1));
    const auto at = ns_.begin() + static_cast<ptrdiff_t>(rank);
    std::nth_element(ns_.begin(), at, ns_.end());
    return static_cast<double>(*at) / 1e3;
  }

 private:
  std::vector<int64_t> ns_;
};

}  // namespace voxeld::bench
