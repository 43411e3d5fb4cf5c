#!/usr/bin/env bash
# ofdrw, another implementation of OFD, judges files: one line for each, with what it says of the seals and where
# it sees the stamps.
#
#   tests/interop/ofdrw/run.sh FILE.ofd…
#
# Its jars come from Maven into build/interop-java at the first run (pom.xml beside this file), or from
# OFDRW_CLASSPATH. Where a JDK, Maven, the network or an artifact is missing, the reason is said and nothing fails.
# Fails where ofdrw calls a file invalid; with OFDRW_EXPECTS=invalid, where it calls one valid; with
# OFDRW_EXPECTS=anything, never.
set -uo pipefail
cd "$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)" || exit 1
here=tests/interop/ofdrw jars=$PWD/build/interop-java judge=ofdrw
. tests/interop/jars.sh
[ $# -gt 0 ] || { echo "ofdrw: which files?" >&2; exit 2; }
need_compiler
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
classpath=${OFDRW_CLASSPATH:-$jars/*}
[ -n "${OFDRW_CLASSPATH:-}" ] || fetch_jars "$here/pom.xml" "$jars" 300 dependency:copy -Djars="$jars"
javac -encoding UTF-8 -d "$scratch" -cp "$classpath" "$here/OfdrwJudge.java" || exit 1
judged=$(java -Dfile.encoding=UTF-8 -cp "$scratch:$classpath" OfdrwJudge "$@") || exit 1
echo "$judged"
case ${OFDRW_EXPECTS:-valid} in
  valid) ! grep -qvP '\tvalid\t' <<<"$judged" ;;
  invalid) ! grep -qvP '\tinvalid\t' <<<"$judged" ;;
  anything) ;;
esac
