# heqi_layer(NAME LEVEL n [CLOSURE] [USES layer…] [PRIVATE target…] [SOURCES_FROM dir])
#
# Makes the target heqi_NAME from the folder that calls it: every *.cc outside tests/, the headers under
# include/, and from tests/*_test.cc the test program heqi_NAME_tests. A layer may use lower levels only;
# a layer of the device closure may use the closure only, and is built without exceptions and RTTI.
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)

function(heqi_layer name)
  cmake_parse_arguments(ARG "CLOSURE" "LEVEL" "USES;PRIVATE;TEST_USES" ${ARGN})
  if(NOT DEFINED ARG_LEVEL)
    message(FATAL_ERROR "layer ${name} states no LEVEL")
  endif()
  set_property(GLOBAL PROPERTY HEQI_LEVEL_${name} ${ARG_LEVEL})
  set_property(GLOBAL PROPERTY HEQI_CLOSURE_${name} ${ARG_CLOSURE})

  set(uses "")
  foreach(used IN LISTS ARG_USES)
    get_property(used_level GLOBAL PROPERTY HEQI_LEVEL_${used})
    if(used_level STREQUAL "")
      message(FATAL_ERROR "layer ${name} uses ${used}, which is not a layer declared before it")
    endif()
    if(NOT used_level LESS ARG_LEVEL)
      message(FATAL_ERROR "layer ${name} (${ARG_LEVEL}) may not depend on ${used} (${used_level})")
    endif()
    get_property(used_closure GLOBAL PROPERTY HEQI_CLOSURE_${used})
    if(ARG_CLOSURE AND NOT used_closure)
      message(FATAL_ERROR "layer ${name} is in the device closure and may not depend on ${used}")
    endif()
    list(APPEND uses heqi_${used})
  endforeach()
  if(ARG_CLOSURE AND ARG_PRIVATE)
    message(FATAL_ERROR "layer ${name} is in the device closure and may not use ${ARG_PRIVATE}")
  endif()

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/include/*.h")
  list(FILTER sources EXCLUDE REGEX "/tests/")
  if(HEQI_FUZZ)  # clang 14 cannot assemble coroutines with AddressSanitizer; no fuzz target needs them
    list(FILTER sources EXCLUDE REGEX "/http/transport.*\\.cc$")
  endif()
  if(EMSCRIPTEN)  # a browser has no Unix sockets and no processes, and its device signs with SM2 only
    list(FILTER sources EXCLUDE REGEX
         "/base/(local_socket|hardening|environment|confinement)\\.cc$|/crypto/sm9/|/device/(integrity|life|local_keys|local_store|module|module_status|msd_leaving|msd_local|msd_pin_change|msd_refresh)\\.cc$")
  endif()
  set(target heqi_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    if(ARG_PRIVATE)
      target_link_libraries(${target} PRIVATE ${ARG_PRIVATE})
    endif()
    # g++ 12 reports std::optional<sql::Row> as uninitialised in code that tests it first.
    if("sql" IN_LIST ARG_USES AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
    endif()
    if(ARG_CLOSURE)
      target_compile_options(${target} PRIVATE -fno-exceptions -fno-rtti)
      heqi_precompile(${target} heqi_closure_headers -fno-exceptions -fno-rtti)
    else()
      heqi_precompile(${target} heqi_headers)
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS "${CMAKE_CURRENT_SOURCE_DIR}/include"
                 FILES ${headers})
  if(uses)
    target_link_libraries(${target} ${scope} ${uses})
  endif()

  file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/tests/*_test.cc")
  if(tests AND NOT HEQI_CLOSURE_ONLY)
    heqi_test(${target}_tests SOURCES ${tests} USES ${target} ${ARG_TEST_USES})
    target_include_directories(${target}_tests PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
endfunction()

# heqi_apart([SOURCES file…] [TARGETS target…]) has files, or all of a target's files, compiled by themselves where
# HEQI_TOGETHER compiles files together: names of their unnamed namespaces are those of others in the folder too.
function(heqi_apart)
  cmake_parse_arguments(ARG "" "" "SOURCES;TARGETS" ${ARGN})
  if(ARG_SOURCES)
    set_source_files_properties(${ARG_SOURCES} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  if(ARG_TARGETS)
    set_target_properties(${ARG_TARGETS} PROPERTIES UNITY_BUILD OFF)
  endif()
endfunction()

# heqi_precompile(TARGET HEADERS [option…]) parses the standard headers once for all libraries that are compiled with
# the same options: a third of the compiler's time goes into them otherwise.
function(heqi_precompile target headers)
  if(NOT HEQI_QUICK_BUILD)
    return()
  endif()
  if(NOT TARGET ${headers})
    add_library(${headers} STATIC EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/cmake/precompiled.cc")
    target_compile_options(${headers} PRIVATE ${ARGN})
    target_precompile_headers(${headers} PRIVATE <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory>
      <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${headers})
  # g++ 12 sees ghosts in the standard library's strings when they come precompiled; preset release looks at all.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
  endif()
endfunction()

# heqi_test(NAME SOURCES file… USES target… [LABELS label…] [COST n] [IN_ALL]) makes a GoogleTest program and registers it.
# Tests read golden data below HEQI_VECTORS and examples below HEQI_EXAMPLES. What only slow tests need is built
# by the target heqi_slow_tests; IN_ALL says that a fast test runs a part of the program. COST is about how many
# seconds the longest take: they begin first, so that no processor waits for one at the end.
function(heqi_test name)
  cmake_parse_arguments(ARG "IN_ALL" "TIMEOUT;COST" "SOURCES;USES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_USES} heqi_testing GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE "HEQI_VECTORS=\"${CMAKE_SOURCE_DIR}/vectors\""
                             "HEQI_EXAMPLES=\"${CMAKE_SOURCE_DIR}/examples\"")
  if(NOT ARG_LABELS)
    set(ARG_LABELS fast)
  endif()
  if("slow" IN_LIST ARG_LABELS)
    heqi_slow_program(${name})
    if(ARG_IN_ALL)
      set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL OFF)
    endif()
  elseif(HEQI_QUICK_BUILD)  # half of the compiler's time on tests would go into making them fast
    target_compile_options(${name} PRIVATE -O0 -U_FORTIFY_SOURCE)
    target_precompile_headers(${name} REUSE_FROM heqi_testing_headers)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if(ARG_COST)
    set_tests_properties(${name} PROPERTIES COST ${ARG_COST})
  endif()
endfunction()

# heqi_on_postgresql(TEST) runs a test program once more, in the slow suite, with its databases on PostgreSQL: those
# that testing::usual_database names.
function(heqi_on_postgresql test)
  if(TARGET ${test})
    add_test(NAME ${test}_on_postgresql COMMAND ${test})
    set_tests_properties(${test}_on_postgresql PROPERTIES LABELS slow TIMEOUT 1200
                         ENVIRONMENT HEQI_TEST_ENGINE=postgresql)
  endif()
endfunction()

# heqi_slow_program(TARGET) leaves a program to the target heqi_slow_tests.
function(heqi_slow_program target)
  if(NOT TARGET heqi_slow_tests)
    add_custom_target(heqi_slow_tests)
  endif()
  set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  add_dependencies(heqi_slow_tests ${target})
endfunction()

# heqi_sealed_program(TARGET) signs a program of the cryptographic module after each link: PROGRAM.integrity
# beside it, which it checks at every start (heqi/device/integrity.h). Without HEQI_MODULE_SIGNING_KEY the
# signature is made with the development key, which everybody knows, and the module says so in its status.
function(heqi_sealed_program target)
  if(HEQI_MODULE_SIGNING_KEY)
    set(with --key "${HEQI_MODULE_SIGNING_KEY}")
  else()
    set(with --development)
  endif()
  add_dependencies(${target} heqi-seal)
  # What is delivered carries no symbols; they lie beside it for whoever looks into a fault.
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_custom_command(TARGET ${target} POST_BUILD
                       COMMAND "${CMAKE_OBJCOPY}" --only-keep-debug "$<TARGET_FILE:${target}>" "$<TARGET_FILE:${target}>.debug"
                       COMMAND "${CMAKE_STRIP}" --strip-all "$<TARGET_FILE:${target}>" VERBATIM)
  endif()
  add_custom_command(TARGET ${target} POST_BUILD COMMAND heqi-seal ${with} "$<TARGET_FILE:${target}>" VERBATIM)
endfunction()
