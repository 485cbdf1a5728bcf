# Everything from outside, found once. Names of Debian packages: tools/packages.txt.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(absl REQUIRED)
find_package(PNG REQUIRED)
pkg_check_modules(MIMALLOC IMPORTED_TARGET mimalloc)

if(VOXELD_DAEMON)
  find_package(Protobuf REQUIRED)
  find_package(gRPC CONFIG REQUIRED)
  pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
endif()
pkg_check_modules(URCU REQUIRED IMPORTED_TARGET liburcu-memb)

if(VOXELD_TESTS)
  find_package(GTest REQUIRED)
endif()
if(VOXELD_BENCH)
  find_package(benchmark REQUIRED)
endif()
