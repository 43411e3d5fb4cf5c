#!/usr/bin/env bash
# README's commands, as printed, on an empty Debian 12: debootstrap makes the root, a clone of the last
# commit goes in, and each line of the first sh block of README.md runs in it. Needs root and a package mirror.
#
#   tests/clean_machine/run.sh [COMMAND…]   instead of README's commands: these, one argument each
#
# HEQI_MIRROR names the mirror, HEQI_CLEAN_ROOT a folder for the root (default: a new temporary one).
# HEQI_KEEP=1 leaves the root for a look.
set -euo pipefail
project=$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)
mirror=${HEQI_MIRROR:-}
if [ -z "$mirror" ]; then   # the mirror that this machine uses
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE 's#^(deb|URIs:) +(\[[^]]*\] +)?(https?://[^ ]+).*#\3#p' | grep -v security | head -n 1) || true
fi
mirror=${mirror:-http://deb.debian.org/debian}

if [ "$(id -u)" -ne 0 ]; then
  echo "clean_machine: making an empty root needs root" >&2
  exit 2
fi
command -v debootstrap >/dev/null || apt-get install -q -y --no-install-recommends debootstrap

root=${HEQI_CLEAN_ROOT:-$(mktemp -d -t heqi-clean-XXXXXX)}
mkdir -p "$root"
chmod 755 "$root"   # users other than root live in it too
if [ -n "$(ls -A "$root")" ]; then
  echo "clean_machine: $root is not empty" >&2
  exit 2
fi
mounted=()
leave() {
  local at
  for at in "${mounted[@]}"; do umount "$at" 2>/dev/null || umount -l "$at" || true; done
  [ -n "${HEQI_KEEP:-}" ] || rm -rf --one-file-system "$root"
}
trap leave EXIT

commands=("$@")
if [ ${#commands[@]} -eq 0 ]; then
  mapfile -t commands < <(sed -n '/^```sh$/,/^```$/p' "$project/README.md" | sed -n '/^```/!p' | head -n 2)
fi

echo "== an empty Debian 12 from $mirror in $root"
debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror" >"$root.log" 2>&1 || {
  tail -n 20 "$root.log" >&2
  exit 1
}
rm -f "$root.log"
# What a machine has and a folder has not: its kernel's views, the way to the mirror, and nobody who starts daemons.
for view in proc sys dev dev/pts dev/shm; do
  mkdir -p "$root/$view"
  case $view in
    proc) mount -t proc proc "$root/proc" ;;
    dev/shm) mount -t tmpfs tmpfs "$root/dev/shm" ;;
    *) mount --bind "/$view" "$root/$view" ;;
  esac && mounted=("$root/$view" "${mounted[@]}")
done
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/hosts "$root/etc/hosts"
apt-config dump | grep -E '^Acquire::https?::Proxy ' >"$root/etc/apt/apt.conf.d/90proxy" || true
# Authorities that this machine trusts besides Debian's, for a mirror or a registry behind a proxy of its own.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/machine-authorities.pem" 2>/dev/null || true
cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"

git clone -q --no-local "$project" "$root/root/heqi"

for command in "${commands[@]}"; do
  begin=$SECONDS
  echo "== $command"
  chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LANG=C.UTF-8 NODE_EXTRA_CA_CERTS=/etc/machine-authorities.pem ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    bash -c "cd /root/heqi && $command" || {
    echo "clean_machine: '$command' failed after $((SECONDS - begin)) s" >&2
    exit 1
  }
  echo "== passed in $((SECONDS - begin)) s: $command"
done
echo "${#commands[@]} passed, 0 failed"
