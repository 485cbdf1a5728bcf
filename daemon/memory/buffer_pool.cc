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

void BufferPool::CountActive(int64_t allocated, int64_t active) {
  // One that grew while it was in use takes more away than it brought.
  active = std::max(active, -active_);
  active_ += active;
  gauge_->Add(allocated + active, active);
}

void BufferPool::CountGiven(size_t capacity) {
  size_t at =
      capacity > kTierBytes.back() ? kTierBytes.size() : static_cast<size_t>(TierOf(capacity));
  while (at > 0 && counts_[at].in_use() == 0) --at;
  if (counts_[at].in_use() > 0) counts_[at].Give();
}

std::string BufferPool::Take(size_t bytes) {
  std::string text;
  const size_t at = TierFor(bytes);
  const bool found = at < tiers_.size() && !tiers_[at].texts.empty();
  counts_[at].Take(found);
  if (found) {
    Tier& tier = tiers_[at];
    text = std::move(tier.texts.back());
    tier.texts.pop_back();
    tier.least = std::min(tier.least, tier.texts.size());
    const auto capacity = static_cast<int64_t>(text.capacity());
    counts_[at].Keep(-1, -capacity);
    CountActive(-capacity, capacity);
    return text;
  }
  text.reserve(at < tiers_.size() ? kTierBytes[at] : bytes);
  CountActive(0, static_cast<int64_t>(text.capacity()));
  return text;
}

void BufferPool::Give(std::string& text) {
  std::string given = std::exchange(text, std::string());
  const int at = TierOf(given.capacity());
  if (at < 0) return;  // never ours
  CountGiven(given.capacity());
  const auto bytes = static_cast<int64_t>(given.capacity());
  // One that has grown out of its tier is not kept in the next lower one: its rest would be unused.
  Tier& tier = tiers_[static_cast<size_t>(at)];
  if (given.capacity() > 2 * kTierBytes.back() || voxel::PlainMemory() ||
      tier.texts.size() == MostOf(static_cast<size_t>(at))) {
    return CountActive(0, -bytes);
  }
  given.clear();
  counts_[static_cast<size_t>(at)].Keep(1, bytes);
  tier.texts.push_back(std::move(given));
  CountActive(bytes, -bytes);
}

size_t BufferPool::Trim() {
  size_t bytes = 0;
  for (size_t at = 0; at < tiers_.size(); ++at) {
    Tier& tier = tiers_[at];
    for (size_t i = std::min(tier.least, tier.texts.size()); i > 0; --i) {
      const size_t capacity = tier.texts.back().capacity();
      counts_[at].Keep(-1, -static_cast<int64_t>(capacity));
      bytes += capacity;
      tier.texts.pop_back();
    }
    tier.least = tier.texts.size();
  }
  CountActive(-static_cast<int64_t>(bytes), 0);
  return bytes;
}

}  // namespace voxeld
