# Compiler flags of the whole build, and the warnings of our own targets.

# x86-64-v2 (SSE4.2, popcnt) is the baseline; wider vectors are chosen at run time. Other machines
# take their default.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  add_compile_options(-march=x86-64-v2)
endif()

# Places in logs and errors read voxel/ops/shapes.cc, wherever the tree was built.
add_compile_options(-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)

if(VOXELD_SANITIZE)
  # -fno-sanitize-recover: a finding ends the test instead of scrolling by.
  add_compile_options(-fsanitize=${VOXELD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${VOXELD_SANITIZE})
endif()

if(VOXELD_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "VOXELD_FUZZ needs clang's libFuzzer: use the preset `fuzz`")
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # gcc owns the style warnings; clang is here for what only it can see.
  set(VOXELD_WARNINGS -Wall -Wextra -Wthread-safety -Werror)
else()
  set(VOXELD_WARNINGS -Wall -Wextra -Wpedantic -Wshadow=local -Wconversion -Wno-sign-conversion -Werror)
endif()
if(VOXELD_SANITIZE AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # gcc's manual: with sanitizers this warning has false positives. The dev build keeps it.
  list(APPEND VOXELD_WARNINGS -Wno-maybe-uninitialized)
endif()
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  # What no single file shows. Only these: gcc 12 also warns of string copies there that cannot
  # happen (GCC bug 105651).
  add_link_options(-Werror=odr -Werror=lto-type-mismatch)
  # A megabyte of relocations that every start would read becomes some kilobytes. glibc 2.36 and
  # binutils 2.38 know how; for anything older it would be an error, not a surprise.
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    add_link_options(LINKER:-z,pack-relative-relocs)
  endif()
endif()
if(VOXELD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
