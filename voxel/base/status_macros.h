// Early return of a failed absl::Status. Stand-in until Abseil's own macros are packaged.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define VOXEL_RETURN_IF_ERROR(expr)                               \
  do {                                                            \
    if (absl::Status voxel_status = (expr); !voxel_status.ok()) { \
      return voxel_status;                                        \
    }                                                             \
  } while (false)

// VOXEL_ASSIGN_OR_RETURN(auto x, F()): x = the value of F(), or return its status.
#define VOXEL_ASSIGN_OR_RETURN(lhs, expr) \
  VOXEL_ASSIGN_OR_RETURN_IMPL(VOXEL_CONCAT(voxel_or_, __LINE__), lhs, expr)
#define VOXEL_CONCAT_INNER(a, b) a##b
#define VOXEL_CONCAT(a, b) VOXEL_CONCAT_INNER(a, b)
#define VOXEL_ASSIGN_OR_RETURN_IMPL(var, lhs, expr) \
  auto var = (expr);                                \
  if (!var.ok()) return std::move(var).status();    \
  lhs = *std::move(var)
