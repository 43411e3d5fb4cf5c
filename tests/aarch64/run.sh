#!/bin/sh
# run.sh SOURCE BUILD: builds the tests of SM3, SM4 and what stands on them for AArch64 and runs them.
set -eu
source=$1 build=$2
for program in aarch64-linux-gnu-g++-12 qemu-aarch64; do
  if ! command -v "$program" >/dev/null; then
    echo "skipped: $program is not installed (g++-12-aarch64-linux-gnu, qemu-user)"
    exit 77
  fi
done
cmake -S "$source" -B "$build" -G Ninja --toolchain "$source/tests/aarch64/toolchain.cmake" \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O2 -DHEQI_CLOSURE_ONLY=ON -DHEQI_CROSS_TESTS=ON \
  -DHEQI_LLD=OFF
ninja -C "$build" heqi_crypto_cross_tests heqi_fuzz_sm3_cross_tests heqi_fuzz_sm4_cross_tests
programs=$build/tests/aarch64/program
tests=$programs/heqi_crypto_cross_tests
# qemu-user takes MADV_WIPEONFORK and does nothing, so that a forked child cannot be told from its parent there.
without=--gtest_filter=-HashDrbg.AForkedChildDoesNotRepeatItsParent
qemu-aarch64 -cpu max "$tests" "$without" --expect-instructions
qemu-aarch64 -cpu max "$programs/heqi_fuzz_sm3_cross_tests"
qemu-aarch64 -cpu max "$programs/heqi_fuzz_sm4_cross_tests"
qemu-aarch64 -cpu cortex-a57 "$tests" "$without"
