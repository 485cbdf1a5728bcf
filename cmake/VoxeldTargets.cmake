# The kinds of target this project has. Each folder is one library that names the folders below it;
# its sources are whatever .cc files stand in it, so adding a file touches no build file.

# Compiles up to `most` files of a folder as one. Names in their unnamed namespaces must differ.
function(voxeld_in_units target most)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${most})
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

# voxeld_library(NAME [DEPS lib...]): the library of the current folder.
function(voxeld_library name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
    set(scope PUBLIC)
    target_compile_options(${name} PRIVATE ${VOXELD_WARNINGS})
    if(VOXELD_UNITY)
      voxeld_in_units(${name} 12)
    endif()
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${name} ${scope} ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} ${scope} ${ARG_DEPS})
  voxeld_verify_headers(${name} ${scope} "${headers}")
endfunction()

# Every header must compile alone. A header with a .cc of its name is proven by that file, which
# includes it first (a lint sees to that); `all_verify_interface_header_sets` compiles one unit for
# each of the others.
function(voxeld_verify_headers name scope headers)
  set(alone)
  foreach(header IN LISTS headers)
    string(REGEX REPLACE "\\.h$" ".cc" partner ${header})
    if(NOT EXISTS ${partner})
      list(APPEND alone ${header})
    endif()
  endforeach()
  if(alone)
    target_sources(${name} ${scope} FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${alone})
    set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
endfunction()

# voxeld_program(NAME SOURCES file... [DEPS lib...]): an executable.
function(voxeld_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${VOXELD_WARNINGS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
endfunction()

# voxeld_test(NAME [DIR folder] [DEPS lib...] [LABEL label] [SHARDS n] [UNTHREADED pattern...]): one
# GoogleTest binary of every .cc in a folder (the current one by default), run by ctest under a
# label (`unit` by default), as n tests that each run a part of it. RapidCheck and tests/support
# come with it. Tests of the patterns start no thread and are long: ThreadSanitizer, which could
# find nothing in them, leaves them out.
function(voxeld_test name)
  cmake_parse_arguments(ARG "" "DIR;LABEL;SHARDS" "DEPS;UNTHREADED" ${ARGN})
  if(NOT ARG_DIR)
    set(ARG_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${ARG_DIR}/*.cc)
  if(NOT sources)
    return()
  endif()
  voxeld_program(${name} SOURCES ${sources} DEPS ${ARG_DEPS} GTest::gmock GTest::gtest_main rapidcheck)
  # One by one, tests are two fifths of a build, most of it the same headers again and again. No
  # lint needs their commands.
  voxeld_in_units(${name} 12)
  if(VOXELD_SANITIZE MATCHES "undefined")
    # Half of what compiling a test costs there. A null pointer is the address sanitizer's, too; the
    # libraries keep all checks.
    target_compile_options(${name} PRIVATE
      -fno-sanitize=null,alignment,object-size,vptr,nonnull-attribute,returns-nonnull-attribute)
  endif()
  if(TARGET test_support)
    target_link_libraries(${name} PRIVATE test_support)
  endif()
  if(VOXELD_SANITIZE STREQUAL "thread")
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/tsan_abseil.cc)
  endif()
  set(command ${name} --gtest_brief=1)
  if(ARG_UNTHREADED AND VOXELD_SANITIZE STREQUAL "thread")
    list(JOIN ARG_UNTHREADED ":" patterns)
    list(APPEND command --gtest_filter=-${patterns})
  endif()
  if(NOT ARG_SHARDS)
    add_test(NAME ${name} COMMAND ${command})
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL})
    return()
  endif()
  foreach(shard RANGE 1 ${ARG_SHARDS})
    math(EXPR index "${shard} - 1")
    add_test(NAME ${name}_${shard} COMMAND ${command})
    set_tests_properties(${name}_${shard} PROPERTIES LABELS ${ARG_LABEL}
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${ARG_SHARDS};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()

# voxeld_fuzzer(NAME [DEPS lib...]): the libFuzzer target of NAME_fuzz.cc in the current folder,
# with its seeds in corpus/NAME (and its words in NAME.dict, if there are any). `./dev fuzz` runs
# it; a build without sanitizers replays the seeds as the test NAME_seeds.
function(voxeld_fuzzer name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  set(here ${CMAKE_CURRENT_SOURCE_DIR})
  if(VOXELD_FUZZ)
    voxeld_program(${name}_fuzz SOURCES ${here}/${name}_fuzz.cc DEPS ${ARG_DEPS})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name}_fuzz PROPERTIES
      OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzzers)
    add_dependencies(fuzzers ${name}_fuzz)
  else()
    voxeld_program(${name}_fuzz SOURCES ${here}/${name}_fuzz.cc ${here}/replay_main.cc DEPS ${ARG_DEPS})
    add_test(NAME ${name}_seeds COMMAND ${name}_fuzz ${here}/corpus/${name})
    set_tests_properties(${name}_seeds PROPERTIES LABELS fuzz)
  endif()
endfunction()
