#include "daemon/store/project_map.h"

#include <functional>
#include <utility>

#include "voxel/base/string_view.h"

namespace voxeld {
namespace {

constexpr size_t kShards = 64;

}  // namespace

ProjectMap::ProjectMap() {
  cells_.reserve(kShards);
  for (size_t i = 0; i < kShards; ++i) {
    cells_.push_back(std::make_unique<Cell>(voxel::RefPtr<const Shard>::Adopt(new Shard())));
  }
}

ProjectMap::Cell& ProjectMap::CellOf(std::string_view id) const {
  return *cells_[std::hash<std::string_view>()(id) % kShards];
}

voxel::RefPtr<ProjectMap::Shard> ProjectMap::Copy(const Cell& cell) {
  return voxel::MakeRef<Shard>(*cell.Load());
}

void ProjectMap::Publish(Cell& cell, voxel::RefPtr<Shard> shard) {
  cell.Store(voxel::RefPtr<const Shard>::Adopt(shard.release()));
}

std::shared_ptr<ProjectImpl> ProjectMap::Find(std::string_view id) const {
  return CellOf(id).Read([id](const Shard* shard) {
    const auto found = shard->projects.find(voxel::ToAbsl(id));
    return found == shard->projects.end() ? nullptr : found->second;
  });
}

void ProjectMap::Set(const std::string& id, std::shared_ptr<ProjectImpl> project) {
  voxel::RefPtr<Shard> shard = Copy(CellOf(id));
  std::shared_ptr<ProjectImpl>& place = shard->projects[id];
  if (place == nullptr) size_.fetch_add(1, std::memory_order_relaxed);
  place = std::move(project);
  Publish(CellOf(id), std::move(shard));
}

void ProjectMap::Erase(const std::string& id) {
  voxel::RefPtr<Shard> shard = Copy(CellOf(id));
  size_.fetch_sub(static_cast<int32_t>(shard->projects.erase(id)), std::memory_order_relaxed);
  Publish(CellOf(id), std::move(shard));
}

}  // namespace voxeld
