#include "daemon/store/checkpoints.h"

#include <algorithm>

namespace voxeld {

const Checkpoint* Checkpoints::Find(std::string_view name) const {
  const auto found = all_.find(name);
  return found == all_.end() ? nullptr : &found->second;
}

RevisionPtr Checkpoints::FindRevision(int64_t revision) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& entry) {
    return entry.second.revision->info.revision == revision;
  });
  return found == all_.end() ? nullptr : found->second.revision;
}

std::vector<RevisionPtr> Checkpoints::Below(int64_t floor) const {
  std::map<int64_t, RevisionPtr> below;
  for (const auto& [name, checkpoint] : all_) {
    const int64_t number = checkpoint.revision->info.revision;
    if (number < floor) below.emplace(number, checkpoint.revision);
  }
  std::vector<RevisionPtr> revisions;
  revisions.reserve(below.size());
  for (auto& [number, revision] : below) revisions.push_back(std::move(revision));
  return revisions;
}

std::map<int64_t, int64_t> Checkpoints::HeldBytes(const Revision& oldest) const {
  std::map<int64_t, int64_t> bytes;
  const std::vector<RevisionPtr> held = Below(oldest.info.revision);
  for (size_t i = 0; i < held.size(); ++i) {
    const Revision& next = i + 1 < held.size() ? *held[i + 1] : oldest;
    bytes[held[i]->info.revision] = held[i]->document->BytesNotIn(*next.document);
  }
  return bytes;
}

void Checkpoints::Apply(const CheckpointChange& change) {
  switch (change.kind) {
    case CheckpointChange::Kind::kNone:
      return;
    case CheckpointChange::Kind::kSet:
      all_[change.checkpoint.name] = change.checkpoint;
      return;
    case CheckpointChange::Kind::kDelete:
      all_.erase(change.checkpoint.name);
      return;
  }
}

}  // namespace voxeld
