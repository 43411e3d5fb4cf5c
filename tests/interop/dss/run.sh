#!/usr/bin/env bash
# DSS judges the PAdES files of heqi_make_pades_samples: signatures, levels, changes since each signature.
#
#   tests/interop/dss/run.sh FOLDER
#
# Its jars come from Maven into build/interop-dss at the first run (pom.xml beside this file). Where a JDK, Maven,
# the network or an artifact is missing, the reason is said and nothing fails. Fails where a signature is not intact,
# where DSS cannot explain a change, and where it gives a file another level than its name.
set -uo pipefail
cd "$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)" || exit 1
here=tests/interop/dss jars=$PWD/build/interop-dss judge=DSS
. tests/interop/jars.sh
[ $# -eq 1 ] || { echo "dss: which folder?" >&2; exit 2; }
need_compiler
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fetch_jars "$here/pom.xml" "$jars" 600 dependency:copy-dependencies -DoutputDirectory="$jars"
javac -encoding UTF-8 -d "$scratch" -cp "$jars/*" "$here/DssJudge.java" || exit 1
bad=0
for kind in rsa ecdsa; do
  java -cp "$scratch:$jars/*" DssJudge "$1/$kind-root.pem" "$1/$kind"-*.pdf >"$scratch/said" 2>"$scratch/errors" ||
    { cat "$scratch/errors"; exit 1; }
  cat "$scratch/said"
  while IFS=$'\t' read -r file field format indication reason state unexplained; do
    level=${file#"$kind-"} level=${level%.pdf}
    [ "$state" = intact ] && [ "$unexplained" = 0 ] || { bad=1 && echo "          $file $field: not as it was signed"; }
    [ "$indication" != TOTAL_FAILED ] || { bad=1 && echo "          $file $field: $reason"; }
    [ "$level" = five ] || [ "$level" = seams ] || [ "$format" = "PAdES-BASELINE-${level^^}" ] ||
      { bad=1 && echo "          $file $field: $format"; }
  done <"$scratch/said"
done
exit $bad
