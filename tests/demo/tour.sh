#!/usr/bin/env bash
# README's tour, as printed there: its bash blocks run one after the other against a platform of their own.
#   tour.sh PROJECT BUILD_FOLDER
set -euo pipefail
project=$1 build=$2
for tool in curl python3; do
  command -v $tool >/dev/null || { echo "left out: $tool is not installed"; exit 77; }
done
blocks() { sed -n '/^```bash$/,/^```$/p' "$1" | sed '/^```/d'; }
[ "$(blocks "$project/README.md")" = "$(blocks "$project/README.zh-CN.md")" ] || {
  echo "the tours of README.md and README.zh-CN.md differ"
  exit 1
}

folder=$(mktemp -d)
platform=''
leave() {
  [ -z "$platform" ] || kill "$platform" 2>/dev/null || true
  [ ! -f "$folder/devices" ] || xargs -r kill <"$folder/devices" 2>/dev/null || true
  wait
  rm -rf "$folder"
}
trap leave EXIT
cd "$folder"
mkdir -p build/release examples
ln -s "$build/src" build/release/src
cp "$project/examples/lease.pdf" examples/

# Below the ports that a system gives to outgoing connections: none of these takes one before the platform listens.
read -r port signing_port pki_port < <(python3 -c '
import random, socket
three = []
while len(three) < 3:
    one = socket.socket()
    try: one.bind(("127.0.0.1", random.randrange(10000, 32000)))
    except OSError: continue
    three.append(one)
print(*(one.getsockname()[1] for one in three))')
build/release/src/program/heqi/heqi serve --embedded build/platform --port "$port" --signing-port "$signing_port" \
  --pki-port "$pki_port" >serve.log 2>&1 &
platform=$!
for _ in $(seq 600); do
  ! grep -q '^Heqi answers at' serve.log || break
  kill -0 "$platform" 2>/dev/null || { cat serve.log; exit 1; }
  sleep 0.1
done

# The link is what a reader would paste; the port is the only other thing that differs.
blocks "$project/README.md" | sed "s/127\.0\.0\.1:8443/127.0.0.1:$port/" >tour
pids=$folder/devices
sed -i "s|^  until \[ -S|  echo \$! >>$pids; until [ -S|" tour
link=$(sed -n 's|^ *\(https://.*/#/setup/.*\)$|\1|p' serve.log | head -n 1)
sed -i "s|^read -rp .*|link='$link'|" tour
timeout 120 bash -eu tour >said 2>&1 || { cat said; tail -n 20 serve.log; exit 1; }
grep -q '^complete$' said && grep -q '^VALID: ' said && [ -s signed.pdf ] || { cat said; exit 1; }

# One byte changed: exit code 1.
python3 -c '
data = bytearray(open("signed.pdf", "rb").read())
data[50000] ^= 1
open("signed.pdf", "wb").write(data)'
status=0
build/release/src/program/heqi/heqi verify --trust build/platform/data/certificates/root.cer signed.pdf >said 2>&1 || status=$?
[ "$status" -eq 1 ] || { cat said; echo "status $status"; exit 1; }
echo "the tour works as printed"
