// What Highway asks about the processor: which of its targets run here, and which one was chosen.
//
// Highway's own answers are in libhwy.so alone, and whoever loads that library pays for its static
// initializers: 2.8 ms of measuring a timer that only its benchmarks read. The headers suffice for
// everything else. See docs/decisions/0035.

#include <cstdint>

#include "hwy/targets.h"

namespace hwy {

ChosenTarget& GetChosenTarget() {
  static constinit ChosenTarget chosen;
  return chosen;
}

// Of those of HWY_TARGETS that nobody has to ask for.
int64_t SupportedTargets() {
  int64_t targets = HWY_STATIC_TARGET;
#if HWY_ARCH_X86
  if (__builtin_cpu_supports("ssse3")) targets |= HWY_SSSE3;
  if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("aes") &&
      __builtin_cpu_supports("pclmul")) {
    targets |= HWY_SSE4;
  }
#if defined(__clang__)
  // Clang 14 cannot ask for these, which no processor with AVX2 lacks; a hypervisor may hide them.
  const bool counts_and_halves = true;
#else
  const bool counts_and_halves = __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("f16c");
#endif
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma") && counts_and_halves) {
    targets |= HWY_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
      targets |= HWY_AVX3;
    }
  }
#endif
  return targets;
}

}  // namespace hwy
