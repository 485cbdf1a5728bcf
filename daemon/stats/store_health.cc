#include "daemon/stats/store_health.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "voxel/base/error.h"

namespace voxeld {

void StoreHealth::Refused(const absl::Status& status, int64_t count) {
  absl::MutexLock lock(&mu_);
  refused_[voxel::ReasonOf(status)] += count;
}

void StoreHealth::SetTrouble(const std::string& uid, const std::string& project,
                             const absl::Status& status, absl::Time now) {
  Trouble trouble{project, voxel::ReasonOf(status), std::string(status.message()), now};
  absl::MutexLock lock(&mu_);
  const auto [found, added] = troubles_.try_emplace(uid, trouble);
  if (!added && found->second.reason != trouble.reason) found->second = std::move(trouble);
}

void StoreHealth::ClearTrouble(const std::string& uid) {
  absl::MutexLock lock(&mu_);
  troubles_.erase(uid);
}

std::map<std::string, int64_t> StoreHealth::refused() const {
  absl::MutexLock lock(&mu_);
  return refused_;
}

int64_t StoreHealth::troubled() const {
  absl::MutexLock lock(&mu_);
  return std::ssize(troubles_);
}

std::vector<StoreHealth::Trouble> StoreHealth::troubles(size_t limit) const {
  std::vector<Trouble> all;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [uid, trouble] : troubles_) all.push_back(trouble);
  }
  std::sort(all.begin(), all.end(),
            [](const Trouble& a, const Trouble& b) { return a.project < b.project; });
  if (all.size() > limit) all.resize(limit);
  return all;
}

}  // namespace voxeld
