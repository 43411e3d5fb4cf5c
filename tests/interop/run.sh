#!/usr/bin/env bash
# Strangers judge the demo's folder: qpdf, poppler, mupdf and pdf.js read and render the file, openssl the
# certificates and the list. (What is signed is cut out and given to openssl in tests/demo.)
#
#   tests/interop/run.sh FOLDER      the output of ./dev run --demo FOLDER, or a folder of foreign files
#
# pdf.js comes from npm into build/interop-node at the first run; where node, npm or the network is missing, it is
# left out and the reason is said. gmalg, another implementation of SM9, and pyHanko, a reader of PAdES files with
# difference analysis, come from PyPI; ofdrw, a reader of OFD, and DSS, another verifier of PAdES, from Maven, in the
# same way.
set -uo pipefail
cd "$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)" || exit 1
samples=${1:?the folder of a demo run}
file=$samples/contract.pdf
# A folder without the demo's contract holds files of others: they are judged, and compared with a table.
[ -s "$file" ] || exec python3 tests/interop/foreign.py "$samples"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0 left_out=0

judge() {  # judge NAME command…
  local name=$1
  shift
  if "$@" >"$scratch/said" 2>&1; then
    passed=$((passed + 1))
    echo "passed    $name"
  else
    failed=$((failed + 1))
    echo "failed    $name"
    sed 's/^/          /' "$scratch/said"
  fi
}
leave_out() {
  left_out=$((left_out + 1))
  echo "left out  $1: $2"
}

has_said() {  # has_said WORDS command…: the command's output is shown and holds WORDS
  local said words=$1
  said=$("${@:2}" 2>&1)
  echo "$said"
  [[ $said == *"$words"* ]]
}
qpdf_is_content() { qpdf --check "$file"; }  # 3: with warnings
poppler_renders() { pdftoppm -r 60 -png "$file" "$scratch/poppler" 2>"$scratch/words" && [ ! -s "$scratch/words" ]; }
poppler_reads() { has_said 张三 pdftotext "$file" - && has_said 李四 pdftotext "$file" -; }
poppler_covers() { has_said 'Total document signed' pdfsig -nocert "$file"; }
mupdf_renders() { mutool draw -q -r 60 -o "$scratch/mupdf-%d.png" "$file" && ls "$scratch"/mupdf-1.png; }
openssl_reads() { openssl x509 -inform DER -in "$1" -noout -subject -issuer -serial; }
openssl_chain() {
  local folder=$samples/platform/data/certificates name
  for name in root issuing ocsp tsa application; do
    openssl x509 -inform DER -in "$folder/$name.cer" -out "$scratch/$name.pem" || return 1
  done
  # Step by step: openssl takes the signer's id for the last certificate of a path only.
  local verify=(openssl verify -partial_chain -vfyopt distid:1234567812345678)
  "${verify[@]}" -CAfile "$scratch/root.pem" "$scratch/issuing.pem" || return 1
  for name in ocsp tsa application; do
    "${verify[@]}" -CAfile "$scratch/issuing.pem" "$scratch/$name.pem" || return 1
  done
}

judge "qpdf: no syntax or encoding error" qpdf_is_content
judge "poppler: renders every page without a word" poppler_renders
judge "poppler: reads both names" poppler_reads
judge "poppler: the document time-stamp covers the whole file" poppler_covers
if command -v mutool >/dev/null; then judge "mupdf: renders" mupdf_renders; else leave_out mupdf "mutool is not installed"; fi
judge "openssl: reads the root" openssl_reads "$samples/root.cer"
if [ -d "$samples/platform/data/certificates" ]; then
  judge "openssl: the services' certificates lead to the root" openssl_chain
fi

node_folder=build/interop-node
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  leave_out pdf.js "node and npm are not installed"
else
  if [ ! -d "$node_folder/node_modules/pdfjs-dist" ]; then
    mkdir -p "$node_folder"
    echo '{"private": true}' >"$node_folder/package.json"
    (cd "$node_folder" && timeout 120 npm install --no-audit --no-fund --ignore-scripts \
      pdfjs-dist@4.10.38 @napi-rs/canvas@0.1.65) >"$scratch/npm" 2>&1 || rm -rf "$node_folder/node_modules"
  fi
  if [ -d "$node_folder/node_modules/pdfjs-dist" ]; then
    judge "pdf.js: renders every page" node tests/interop/pdfjs.mjs "$PWD/$node_folder" "$file" "$scratch" 出租方 承租方
    judge "pdf.js: shows of a sealed PDF what heqi shows of its OFD twin" \
      tests/interop/twins.sh "$PWD/$node_folder" "$scratch/twins"
    tail -n 1 "$scratch/said" | sed 's/^/          /'
  else
    leave_out pdf.js "npm could not fetch it: $(tail -n 1 "$scratch/npm")"
  fi
fi

python_folder=build/interop-python
sm9_peer=$(ls -t build/*/tests/interop/heqi_sm9_peer 2>/dev/null | head -n 1)
if [ -z "$sm9_peer" ]; then
  leave_out gmalg "heqi_sm9_peer is not built"
else
  if ! [ -x "$python_folder/bin/python" ]; then
    { python3 -m venv "$python_folder" && timeout 120 "$python_folder/bin/pip" install -q gmalg==1.1.2; } \
      >"$scratch/pip" 2>&1 || rm -rf "$python_folder"
  fi
  if [ -x "$python_folder/bin/python" ]; then
    judge "gmalg: signs, seals and agrees with our SM9" "$python_folder/bin/python" tests/interop/sm9.py "$sm9_peer"
  else
    leave_out gmalg "pip could not fetch it: $(tail -n 1 "$scratch/pip")"
  fi
fi

# PAdES with RSA and ECDSA, for readers that do not know SM2.
pades_samples=$(ls -t build/*/tests/documents/heqi_make_pades_samples 2>/dev/null | head -n 1)
if [ -z "$pades_samples" ]; then
  leave_out pyHanko "heqi_make_pades_samples is not built"
else
  mkdir "$scratch/pades"
  judge "PAdES samples are made" "$pades_samples" "$scratch/pades"
  if [ -f /usr/share/java/pdfbox2.jar ] && [ -f /usr/share/java/bcpkix.jar ] && command -v java >/dev/null; then
    jars=/usr/share/java/pdfbox2.jar:/usr/share/java/fontbox2.jar:/usr/share/java/commons-logging.jar
    jars+=:/usr/share/java/bcprov.jar:/usr/share/java/bcpkix.jar:/usr/share/java/bcutil.jar
    for kind in rsa ecdsa; do
      for sample in five seams; do
        judge "PDFBox: five $kind signatures ($sample)" has_said 'party5: ok' \
          java -cp "$jars" tests/documents/PdfBoxJudge.java "$scratch/pades/$kind-$sample.pdf"
      done
    done
  else
    leave_out PDFBox "libpdfbox2-java, libbcpkix-java or java is not installed"
  fi
  if [ -x "$python_folder/bin/python" ] || python3 -m venv "$python_folder"; then
    "$python_folder/bin/python" -c 'import pyhanko' 2>/dev/null ||
      timeout 180 "$python_folder/bin/pip" install -q pyhanko==0.25.3 >"$scratch/pip" 2>&1
  fi
  if "$python_folder/bin/python" -c 'import pyhanko' 2>/dev/null; then
    judge "pyHanko: levels, coverage and difference analysis" \
      "$python_folder/bin/python" tests/interop/pades.py "$scratch/pades"
  else
    leave_out pyHanko "pip could not fetch it: $(tail -n 1 "$scratch/pip")"
  fi
fi

# DSS, the verifier of the European Commission, over the same files.
dss_agrees() { tests/interop/dss/run.sh "$scratch/pades" >"$scratch/dss" || { cat "$scratch/dss"; return 1; }; }
if [ -n "$pades_samples" ]; then
  judge "DSS: levels, signatures and changes since" dss_agrees
  if grep -q '^left out' "$scratch/dss" 2>/dev/null; then
    passed=$((passed - 1))
    leave_out DSS "$(sed 's/^left out *DSS: //' "$scratch/dss" | head -n 1)"
  fi
fi

# OFD: signed, sealed and altered files for ofdrw, another implementation of GB/T 33190 and GB/T 38540.
ofd_samples=$(ls -t build/*/tests/documents/heqi_make_ofd_samples 2>/dev/null | head -n 1)
if [ -z "$ofd_samples" ]; then
  leave_out ofdrw "heqi_make_ofd_samples is not built"
else
  judge "OFD samples are made" "$ofd_samples" "$scratch/ofd"
  if said=$(tests/interop/ofdrw/run.sh "$scratch/ofd/good/sealed-1.ofd") && [[ $said == "left out"* ]]; then
    leave_out ofdrw "${said#*ofdrw: }"
  else
    judge "ofdrw: takes our signatures and seals, reads cross-page seals, refuses what was altered" \
      python3 tests/interop/ofdrw/ours.py "$scratch/ofd"
    tail -n 1 "$scratch/said" | sed 's/^/          /'
  fi
fi

echo "$passed passed, $failed failed, $left_out left out"
[ "$failed" -eq 0 ]
