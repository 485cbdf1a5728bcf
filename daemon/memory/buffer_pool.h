// Texts to read into and to write from, kept by size, for connections that need one now and then:
// an idle connection holds none.
//
// Tiers:     512 bytes, 4 KiB, 64 KiB. Larger ones are not kept: a large message passes through
//            without making the pool grow.
// Threading: one thread at a time; each poller has its own.
// Memory:    at most kKeptBytes a tier; nothing until it is needed; Trim gives back what was not
//            needed since the last Trim.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/memory/memory_use.h"
#include "voxel/base/pool_counts.h"

namespace voxeld {

class BufferPool {
 public:
  static constexpr std::array<size_t, 3> kTierBytes = {512, 4 << 10, 64 << 10};
  static constexpr size_t kKeptBytes = 256 << 10;  // of each tier

  // `gauge` is told of all texts there are, about: those in use count as they were taken.
  explicit BufferPool(MemoryUse::Gauge* gauge);

  // An empty text with room for `bytes`.
  std::string Take(size_t bytes);
  // Takes a text back, whatever it holds; leaves an empty one without memory.
  void Give(std::string& text);
  // Gives back the texts that nobody took since the last call; returns their bytes.
  size_t Trim();

  // Of the texts of a tier; kTierBytes.size() stands for the larger ones. Which of those in use has
  // grown into a higher tier nobody knows before it is given back: then it counts as one of the
  // highest, up to its own, that has any. Any thread.
  const voxel::PoolCounts& counts(size_t tier) const { return counts_[tier]; }

 private:
  struct Tier {
    std::vector<std::string> texts;
    size_t least = 0;  // texts that stood there at any time since the last Trim
  };

  // Of the texts in use; no more go than there are.
  void CountActive(int64_t allocated, int64_t active);
  void CountGiven(size_t capacity);

  MemoryUse::Gauge* const gauge_;
  int64_t active_ = 0;
  std::array<Tier, kTierBytes.size()> tiers_;
  std::array<voxel::PoolCounts, kTierBytes.size() + 1> counts_;
};

}  // namespace voxeld
