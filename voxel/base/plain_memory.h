// The switch that turns every pool, slab and recycled object into plain allocations, so that memory
// tools and a suspicious developer see each one by itself.
//
// Threading: SetPlainMemory before the first allocation and before other threads; PlainMemory from
//            any thread.
// Sanitizers: under ASan and TSan it is always on.
#pragma once

namespace voxel {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VOXEL_ALWAYS_PLAIN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VOXEL_ALWAYS_PLAIN 1
#endif
#endif

#ifdef VOXEL_ALWAYS_PLAIN
constexpr bool PlainMemory() { return true; }
inline void SetPlainMemory() {}
#else
namespace internal {
inline bool plain_memory = false;  // written once, before there are threads
}
inline bool PlainMemory() { return internal::plain_memory; }
inline void SetPlainMemory() { internal::plain_memory = true; }
#endif

}  // namespace voxel
