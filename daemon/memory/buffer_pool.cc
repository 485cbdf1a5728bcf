#include "daemon/memory/buffer_pool.h"

#include <algorithm>
#include <utility>

#include "voxel/base/plain_memory.h"

namespace voxeld {
namespace {

// The smallest tier that has room for `bytes`.
size_t TierFor(size_t bytes) {
  size_t tier = 0;
  while (tier < BufferPool::kTierBytes.size() && BufferPool::kTierBytes[tier] < bytes) ++tier;
  return tier;
}

// The largest tier whose promise a text of that capacity keeps; none: -1.
int TierOf(size_t capacity) {
  int tier = -1;
  for (const size_t bytes : BufferPool::kTierBytes) {
    if (bytes > capacity) break;
    ++tier;
  }
  return tier;
}

size_t MostOf(size_t tier) { return BufferPool::kKeptBytes / BufferPool::kTierBytes[tier]; }

}  // namespace

BufferPool::BufferPool(MemoryUse::Gauge* gauge) : gauge_(gauge) {
  for (size_t i = 0; i < tiers_.size(); ++i) tiers_[i].texts.reserve(MostOf(i));
}

void BufferPool::Count(int64_t taken) {
  active_ = std::max<int64_t>(0, active_ + taken);
  gauge_->Set(active_ + static_cast<int64_t>(counts_.kept_bytes), active_);
}

std::string BufferPool::Take(size_t bytes) {
  ++counts_.taken;
  std::string text;
  const size_t at = TierFor(bytes);
  if (at < tiers_.size() && !tiers_[at].texts.empty()) {
    Tier& tier = tiers_[at];
    text = std::move(tier.texts.back());
    tier.texts.pop_back();
    tier.least = std::min(tier.least, tier.texts.size());
    counts_.kept_bytes -= text.capacity();
    Count(static_cast<int64_t>(text.capacity()));
    return text;
  }
  ++counts_.made;
  if (at == tiers_.size()) ++counts_.passed;
  text.reserve(at < tiers_.size() ? kTierBytes[at] : bytes);
  Count(static_cast<int64_t>(text.capacity()));
  return text;
}

void BufferPool::Give(std::string& text) {
  std::string given = std::exchange(text, std::string());
  const int at = TierOf(given.capacity());
  if (at < 0) return;  // never ours
  const auto bytes = static_cast<int64_t>(given.capacity());
  // One that has grown out of its tier is not kept in the next lower one: its rest would be unused.
  Tier& tier = tiers_[static_cast<size_t>(at)];
  if (given.capacity() > 2 * kTierBytes.back() || voxel::PlainMemory() ||
      tier.texts.size() == MostOf(static_cast<size_t>(at))) {
    return Count(-bytes);
  }
  given.clear();
  counts_.kept_bytes += given.capacity();
  tier.texts.push_back(std::move(given));
  Count(-bytes);
}

size_t BufferPool::Trim() {
  size_t bytes = 0;
  for (Tier& tier : tiers_) {
    for (size_t i = std::min(tier.least, tier.texts.size()); i > 0; --i) {
      bytes += tier.texts.back().capacity();
      tier.texts.pop_back();
    }
    tier.least = tier.texts.size();
  }
  counts_.kept_bytes -= bytes;
  Count(0);
  return bytes;
}

}  // namespace voxeld
