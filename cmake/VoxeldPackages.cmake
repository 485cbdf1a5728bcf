# Everything from outside, found once. Names of Debian packages: tools/packages.txt.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(absl REQUIRED)
find_package(PNG REQUIRED)
pkg_check_modules(URCU REQUIRED IMPORTED_TARGET liburcu-memb)
pkg_check_modules(URING REQUIRED IMPORTED_TARGET liburing)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
find_path(VOXELD_HIGHWAY hwy/highway.h REQUIRED)  # SIMD, chosen at run time; headers suffice

if(VOXELD_DAEMON)
  if(VOXELD_STATIC_RPC)
    set(Protobuf_USE_STATIC_LIBS ON)
    set(OPENSSL_USE_STATIC_LIBS ON)
  endif()
  find_package(Protobuf REQUIRED)
  find_package(OpenSSL REQUIRED)
  find_package(gRPC CONFIG REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_path(VOXELD_TOMLPLUSPLUS toml++/toml.h REQUIRED)  # headers suffice
  pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
endif()
if(VOXELD_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck CONFIG REQUIRED)
endif()

# voxeld_allocator: what an executable links to run on mimalloc (the release daemon), nothing
# elsewhere: the sanitizers and valgrind bring their own allocator. It replaces malloc by being
# loaded, so the linker must keep it although nothing may call it by name. Debian ships the shared
# library only.
add_library(voxeld_allocator INTERFACE)
if(VOXELD_MIMALLOC)
  find_package(mimalloc 2.0 REQUIRED)
  target_compile_definitions(voxeld_allocator INTERFACE VOXELD_MIMALLOC=1)
  target_link_options(voxeld_allocator INTERFACE LINKER:--no-as-needed)
  target_link_libraries(voxeld_allocator INTERFACE mimalloc)
endif()

# Points Debian's imported targets at the archive beside each shared library. Debian exports only
# the shared flavour to CMake but lists every dependency as public, which is just what a link from
# archives needs. Not liburcu, whose licence wants it to be exchangeable, and not what there is no
# archive of.
# Why: docs/decisions/0002-static-rpc.md.
function(voxeld_use_archives)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  list(FILTER targets INCLUDE REGEX "^(absl|gRPC|re2|c-ares|PNG|ZLIB)::|^PkgConfig::(ZSTD|SQLITE|URING)$")
  set(shared "\\.so[.0-9]*$")
  foreach(target IN LISTS targets)
    foreach(property IMPORTED_LOCATION IMPORTED_LOCATION_NONE IMPORTED_LOCATION_RELEASE INTERFACE_LINK_LIBRARIES)
      get_target_property(locations ${target} ${property})
      set(archives)
      foreach(location IN LISTS locations)
        string(REGEX REPLACE ${shared} ".a" archive "${location}")
        string(REGEX REPLACE "^-lre2$" "-l:libre2.a" archive "${archive}")
        if(location MATCHES ${shared} AND NOT EXISTS ${archive})
          message(FATAL_ERROR "VOXELD_STATIC_RPC: no ${archive} for ${target}")
        endif()
        list(APPEND archives "${archive}")
      endforeach()
      if(NOT archives STREQUAL locations)
        set_target_properties(${target} PROPERTIES ${property} "${archives}")
      endif()
    endforeach()
  endforeach()
endfunction()

if(VOXELD_STATIC_RPC)
  voxeld_use_archives()
endif()
