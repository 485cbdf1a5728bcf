// Every method of the API, in one list (method_table.inc). gRPC, JSON-RPC, permissions, cost,
// voxctl and docs read it.
//
// Threading: immutable after construction.
#pragma once

#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "daemon/service/method.h"

namespace voxeld {

class MethodTable {
 public:
  MethodTable();  // aborts if a line names a method that the linked descriptors do not have

  // nullptr if there is none.
  const Method* FindByName(std::string_view name) const;  // "voxel.apply_edits"
  const Method* FindByPath(
      std::string_view grpc_path) const;  // "/voxeld.v1.VoxelService/ApplyEdits"
  absl::Span<const Method> methods() const { return methods_; }

 private:
  std::vector<Method> methods_;
  absl::flat_hash_map<std::string, const Method*> by_name_;
  absl::flat_hash_map<std::string, const Method*> by_path_;
};

}  // namespace voxeld
