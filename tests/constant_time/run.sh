#!/bin/sh
# tests/constant_time/run.sh [BUILD_ROOT]: builds the checked program with g++ and clang++ at -O2 and
# -O3 and runs it under valgrind with every secret undefined. Passes only if no operation is reported
# and every deliberate leak is.
set -eu
source=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
root=${1:-$source/build/constant-time}
mkdir -p "$root"
command -v valgrind >/dev/null || { echo "constant time: valgrind is not installed"; exit 3; }

watch() {  # program argument
  valgrind --quiet --error-exitcode=9 --track-origins=no --leak-check=no "$1" "$2"
}

failed=0
for compiler in g++ clang++; do
  if ! command -v "$compiler" >/dev/null; then
    echo "constant time: $compiler is not installed, its two runs are left out"
    failed=1
    continue
  fi
  # g++ 12 at -O3 warns of its own string library; this run looks for secrets.
  quiet=
  [ "$compiler" != g++ ] || quiet="-Wno-restrict -Wno-stringop-overread"
  for level in O2 O3; do
    build=$root/$compiler-$level
    # DWARF 4: valgrind 3.19 does not read all of clang's version 5.
    cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Dev -DCMAKE_CXX_COMPILER="$compiler" \
      -DCMAKE_CXX_FLAGS_DEV="-$level -g1 -gdwarf-4 $quiet" -DHEQI_CONSTANT_TIME=ON >"$root/configure.log" 2>&1 || {
      cat "$root/configure.log"; exit 1; }
    ninja -C "$build" heqi_constant_time >"$root/build.log" 2>&1 || { tail -40 "$root/build.log"; exit 1; }
    program=$build/tests/constant_time/heqi_constant_time
    for leak in leak-branch leak-index leak-vartime; do
      status=0
      watch "$program" $leak >/dev/null 2>&1 || status=$?
      if [ "$status" -ne 9 ]; then
        echo "constant time: $compiler -$level: $leak was not reported ($status): the checker is blind"
        failed=1
      fi
    done
    if watch "$program" all; then
      echo "constant time: $compiler -$level: clean"
    else
      echo "constant time: $compiler -$level: a secret decides a branch or an address"
      failed=1
    fi
  done
done
exit $failed
