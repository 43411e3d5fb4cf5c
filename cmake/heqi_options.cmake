# Options and flags that hold for every target.
option(HEQI_CONSTANT_TIME "Mark secrets as undefined memory for valgrind" OFF)
option(HEQI_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(HEQI_BENCH "Build the benchmarks" OFF)
option(HEQI_FAULT_HOOKS "Build the crash shim and the fault hooks into the programs (tests only)" OFF)
option(HEQI_CLOSURE_ONLY "Build the libraries of the device closure and nothing else (WebAssembly)" OFF)
set(HEQI_MODULE_KEY "" CACHE STRING "The public key (hexadecimal) that signs the module's programs")
set(HEQI_MODULE_SIGNING_KEY "" CACHE FILEPATH "The file of its private key, for heqi-seal")
set(HEQI_SANITIZE "" CACHE STRING "address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT EMSCRIPTEN)  # a module is loaded at one place, and its position-independent code is slow
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_LINK_LIBRARIES_ONLY_TARGETS ON)

find_program(HEQI_CCACHE ccache)
if(HEQI_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_NOHASHDIR=1
      "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" "${HEQI_CCACHE}")
endif()

set(target_options -fstack-protector-strong)
if(EMSCRIPTEN)  # no guard for the stack in its C library; sizes of 32 bits, far above every limit
  set(target_options -Wno-shorten-64-to-32)
endif()
add_compile_options(-Wall -Wextra -Wconversion -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
                    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> -Werror
                    ${target_options} -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT HEQI_SANITIZE)
  add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
if(NOT EMSCRIPTEN)
  add_link_options(-Wl,-z,relro,-z,now)
  find_program(HEQI_LLD ld.lld)
  if(HEQI_LLD)
    add_link_options(-fuse-ld=lld)
  endif()
endif()

if(HEQI_SANITIZE)
  add_compile_options(-fsanitize=${HEQI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(HEQI_SANITIZE MATCHES "undefined")
    # The device closure has no RTTI, which this one check of virtual calls would ask for.
    add_compile_options(-fno-sanitize=vptr)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # g++ 12 sees ghosts in the checks that it adds itself
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  add_link_options(-fsanitize=${HEQI_SANITIZE})
endif()
if(HEQI_CONSTANT_TIME)
  add_compile_definitions(HEQI_CONSTANT_TIME=1)
endif()
if(HEQI_FAULT_HOOKS)
  add_compile_definitions(HEQI_FAULT_HOOKS=1)
endif()
if(HEQI_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
