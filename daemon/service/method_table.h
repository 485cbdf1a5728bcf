// Every method of the API, in one list (method_table.inc). gRPC, JSON-RPC, permissions, cost,
// voxctl and docs read it.
//
// Threading: immutable after construction.
#pragma once

#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "daemon/service/method.h"
#include "daemon/service/perfect_hash.h"

namespace voxeld {

class MethodTable {
 public:
  MethodTable();  // aborts if a line names a method that the linked descriptors do not have

  // nullptr if there is none.
  const Method* FindByName(std::string_view name) const {  // "voxel.apply_edits"
    return At(by_name_.Find(name));
  }
  const Method* FindByPath(std::string_view grpc_path) const {  // "/voxeld.v1.VoxelService/..."
    return At(by_path_.Find(grpc_path));
  }
  absl::Span<const Method> methods() const { return methods_; }

 private:
  const Method* At(int place) const {
    return place < 0 ? nullptr : &methods_[static_cast<size_t>(place)];
  }

  const std::vector<Method> methods_;
  const PerfectHash by_name_;
  const PerfectHash by_path_;
};

}  // namespace voxeld
