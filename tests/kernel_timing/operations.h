// operations.h: the operations on secrets whose code valgrind cannot run (GFNI, AVX-512, IFMA), and
// so are watched by three other tools. To add kernels: write <primitive>_operations.cc with a list
// like sm2_operations.cc, name it in operations() and put its folder into CMakeLists.txt.
//
// - trace_test.cc steps through an operation instruction by instruction, with several secrets, and
//   asks for the same instructions in the same order.
// - disassembly.py reads the compiled kernels: no gather, no branch and no address that comes from
//   a vector or mask register or from what a pointer leads to. Functions in whose name `_vartime`
//   ends a word are left out: they take public values.
// - timing_test.cc (slow) asks whether the time tells a fixed secret from random ones (Welch's t).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/testing/seeded.h>

namespace heqi::kernel_timing {

// Operation is run(secret) with secret_size octets; prepare makes tables and inputs that are not
// secret, once. runs says whether this processor can.
struct Operation {
  std::string_view name;
  std::size_t secret_size;
  bool (*runs)();
  void (*prepare)();
  void (*run)(base::ByteView secret);
  // is_long is for more than some 100,000 instructions: slow to step through.
  bool is_long = false;
  // is_leak marks an operation that the tools must report: the tools themselves are tested.
  bool is_leak = false;
};

// any_secret is the secret that the timing test fixes, and one of the two of the trace test: drawn
// once, so that it is one that can occur.
inline base::Bytes any_secret(std::size_t size) {
  testing::SeededRandom random(4);
  return *base::random_bytes(random, size);
}

std::span<const Operation> sm2_operations();
std::span<const Operation> sm3_operations();
std::span<const Operation> sm4_operations();
std::span<const Operation> zuc_operations();
std::span<const Operation> leaking_operations();

inline std::vector<Operation> operations() {
  std::vector<Operation> all;
  for (const auto list : {sm2_operations(), sm3_operations(), sm4_operations(), zuc_operations(),
                          leaking_operations()})
    for (const Operation& operation : list)
      if (operation.runs()) all.push_back(operation);
  return all;
}

}  // namespace heqi::kernel_timing
