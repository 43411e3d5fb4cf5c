#!/bin/sh
# with.sh NEED… -- COMMAND…: runs COMMAND where all that it needs is there; else says what is missing and ends with
# 77, which CTest counts as skipped. NEED: chromium, zbar, packages, pages, test_pages, or a file.
root=$(cd "$(dirname "$0")/../.." && pwd)
while [ "$1" != -- ]; do
  case $1 in
    chromium) path=${HEQI_CHROMIUM:-/usr/bin/chromium} how='./dev packages test installs it' ;;
    zbar) path=$(command -v zbarimg || echo zbarimg) how='./dev packages test installs it' ;;
    packages) path=$root/web/node_modules/playwright-core how='./dev web installs it' ;;
    pages) path=${HEQI_WEB_OUTPUT:-$root/build/web}/signing-bundle.json how='./dev web builds it' ;;
    test_pages) path=${HEQI_WEB_TESTS:-$root/build/web_tests}/browser how='./dev web builds it' ;;
    *) path=$1 how='./dev web builds it' ;;
  esac
  if [ ! -e "$path" ]; then
    echo "skipped: $path is missing; $how"
    exit 77
  fi
  shift
done
shift
exec "$@"
