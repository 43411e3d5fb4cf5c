#!/usr/bin/env bash
# ofdrw, another implementation of OFD, judges files: one line for each, with the stamps that it sees.
#
#   tests/interop/ofdrw/run.sh FILE.ofd…      from Maven; or OFDRW_CLASSPATH=…  with jars at hand
#
# Fails where it calls one of them invalid; with OFDRW_EXPECTS=invalid, where it calls one of them valid.
#
# Where Maven, a JDK, the network or the artifact is missing, the reason is said and nothing fails.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 1
version=${OFDRW_VERSION:-2.3.8}
leave_out() {
  echo "left out  ofdrw: $1"
  exit 0
}
[ $# -gt 0 ] || { echo "ofdrw: which files?" >&2; exit 2; }
command -v javac >/dev/null || leave_out "no JDK (default-jdk-headless)"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
classpath=${OFDRW_CLASSPATH:-}
if [ -z "$classpath" ]; then
  command -v mvn >/dev/null || leave_out "no Maven, and OFDRW_CLASSPATH is not set"
  cat >"$scratch/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>heqi</groupId><artifactId>ofdrw-judge</artifactId><version>1</version>
<dependencies><dependency><groupId>org.ofdrw</groupId><artifactId>ofdrw-sign</artifactId>
<version>$version</version></dependency></dependencies></project>
POM
  mvn -q -B -f "$scratch/pom.xml" dependency:copy-dependencies -DoutputDirectory="$scratch/jars" \
    >"$scratch/said" 2>&1 || leave_out "Maven: $(grep -m1 -o 'Could not .*' "$scratch/said" | cut -c1-160)"
  classpath="$scratch/jars/*"
fi
javac -encoding UTF-8 -d "$scratch" -cp "$classpath" "$here/OfdrwJudge.java" || exit 1
judged=$(java -cp "$scratch:$classpath" OfdrwJudge "$@") || exit 1
echo "$judged"
case ${OFDRW_EXPECTS:-valid} in
  valid) ! grep -q $'\tinvalid' <<<"$judged" ;;
  invalid) ! grep -qP '\tvalid\t' <<<"$judged" ;;
esac
