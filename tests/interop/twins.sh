#!/usr/bin/env bash
# A contract as PDF and as OFD, one seal on both: pdf.js shows of the one what heqi shows of the other.
#
#   tests/interop/twins.sh FOLDER_WITH_NODE_MODULES SCRATCH_FOLDER
set -euo pipefail
cd "$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)"
modules=$(realpath "$1") scratch=$2
heqi=$(ls -t build/*/src/program/heqi/heqi | head -n 1)
mkdir -p "$scratch"

for name in maker company; do
  "$heqi" sign --new-key "$scratch/$name.key"
  openssl req -x509 -new -key "$scratch/$name.key" -sm3 -sigopt distid:1234567812345678 -days 30 \
    -subj "/C=CN/O=Example/CN=$name" -addext keyUsage=critical,digitalSignature,nonRepudiation -out "$scratch/$name.pem"
done
"$heqi" seal make --name 北京示例科技有限公司 --caption 合同专用章 --id 11010000000001 --key "$scratch/maker.key" \
  --certificate "$scratch/maker.pem" --signers "$scratch/company.pem" --out "$scratch/company.esl"
"$heqi" ofd twin examples/lease.pdf --out "$scratch/lease.ofd"
seal=(--key "$scratch/company.key" --certificate "$scratch/company.pem" --seal "$scratch/company.esl")
"$heqi" sign "${seal[@]}" --box 1:120.5,200.25,40,40 --out "$scratch/sealed.pdf" examples/lease.pdf
"$heqi" sign "${seal[@]}" --box 1:120.5,200.25,40,40 --out "$scratch/sealed.ofd" "$scratch/lease.ofd"
"$heqi" render "$scratch/sealed.ofd" --out "$scratch/sealed.png" --page 1 --resolution 450
node tests/interop/twins.mjs "$modules" "$scratch/sealed.pdf" "$scratch/sealed.png"
