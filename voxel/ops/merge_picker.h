// The rule of a three-way merge for one value, and the record of where it finds no answer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voxel/base/str_cat.h"
#include "voxel/ops/merge_documents.h"

namespace voxel {

class MergePicker {
 public:
  explicit MergePicker(MergePolicy policy) : theirs_win_(policy == MergePolicy::kTheirs) {}

  bool theirs_win() const { return theirs_win_; }
  std::vector<MergeConflict>& conflicts() { return conflicts_; }

  void AddConflict(std::string what, std::string layer = {}, int64_t voxels = 0, Box bounds = {}) {
    conflicts_.push_back({std::move(what), std::move(layer), voxels, bounds});
  }

  // The value that only one side changed; the winner's where both did, differently.
  template <typename T>
  const T& Pick(const T& base, const T& ours, const T& theirs, std::string_view what,
                std::string_view layer = {}) {
    if (theirs == base || ours == theirs) return ours;
    if (ours == base) return theirs;
    AddConflict(std::string(what), std::string(layer));
    return theirs_win_ ? theirs : ours;
  }

  // Entry by entry; `what` stands before the key in conflicts.
  template <typename T>
  std::map<std::string, T> PickMap(const std::map<std::string, T>& base,
                                   const std::map<std::string, T>& ours,
                                   const std::map<std::string, T>& theirs, std::string_view what,
                                   std::string_view layer = {}) {
    const auto get = [](const std::map<std::string, T>& map, const std::string& key) {
      const auto found = map.find(key);
      return found == map.end() ? std::nullopt : std::optional<T>(found->second);
    };
    std::map<std::string, T> all = ours;
    all.insert(theirs.begin(), theirs.end());
    std::map<std::string, T> result;
    for (const auto& [key, unused] : all) {
      const std::optional<T> picked =
          Pick(get(base, key), get(ours, key), get(theirs, key), StrCat(what, " ", key), layer);
      if (picked) result.emplace(key, *picked);
    }
    return result;
  }

 private:
  const bool theirs_win_;
  std::vector<MergeConflict> conflicts_;
};

}  // namespace voxel
