// The checkpoints of a project: revisions that have a name and are kept until it is deleted,
// however far the retention of revisions has gone on.
//
// Threading: a value; none of its own. Published ones are shared and immutable.
// Cost:      Find: O(log n); FindRevision: O(n), and n is bounded by ProjectOptions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "daemon/store/revision.h"

namespace voxeld {

struct Checkpoint {
  std::string name;
  RevisionPtr revision;
  std::string actor;  // who set it
  std::string comment;
  absl::Time time;  // when it was set, or moved last
};

// One change of a project's checkpoints, recorded in the line of its revisions.
struct CheckpointChange {
  enum class Kind : uint8_t { kNone, kSet, kDelete };

  Kind kind = Kind::kNone;
  Checkpoint checkpoint;  // kDelete: as it was
};

class Checkpoints {
 public:
  using Map = std::map<std::string, Checkpoint, std::less<>>;

  const Map& all() const { return all_; }  // by name
  // Null if there is none of that name. Valid as long as this is unchanged.
  const Checkpoint* Find(std::string_view name) const;
  // Null if none names that revision.
  RevisionPtr FindRevision(int64_t revision) const;
  // The revisions below `floor` that have a name, oldest first, each once.
  std::vector<RevisionPtr> Below(int64_t floor) const;
  // Bytes of bricks that are held for such a revision alone, by its number: what neither the next
  // one nor, above them all, `oldest` shares. Cost: what differs.
  std::map<int64_t, int64_t> HeldBytes(const Revision& oldest) const;

  void Apply(const CheckpointChange& change);

 private:
  Map all_;
};
using CheckpointsPtr = std::shared_ptr<const Checkpoints>;  // never null

}  // namespace voxeld
