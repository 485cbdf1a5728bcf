// CHECK for broken invariants (never for input): prints the place and aborts. On in every build.
#pragma once

namespace voxel::internal {
[[noreturn]] void CheckFailed(const char* expression, const char* file, int line);
}

#define VOXEL_CHECK(expression)  \
  (static_cast<bool>(expression) \
       ? void()                  \
       : ::voxel::internal::CheckFailed(#expression, __FILE__, __LINE__))

#ifdef NDEBUG
#define VOXEL_DCHECK(expression) void()
#else
#define VOXEL_DCHECK(expression) VOXEL_CHECK(expression)
#endif
