#!/usr/bin/env python3
"""Asks a disassembler that knows SM3's and SM4's instructions what it reads in the kernels that write them as octets.

  native_octets.py OBJECT…    leaves with 77 where llvm-objdump-19 is not installed
"""
import collections
import re
import shutil
import subprocess
import sys

# What one block of SM3 takes: 32 double rounds and 13 quarters of the expansion. Of SM4 the compiler makes copies.
EXPECTED = {"sm3ni/": {"vsm3msg1": 13, "vsm3msg2": 13, "vsm3rnds2": 32}, "sm4ni/": {"vsm4key4": 1, "vsm4rnds4": 8}}


def read(program, path):
    text = subprocess.run([program, "-d", "--no-show-raw-insn", path], check=True, capture_output=True, text=True).stdout
    return collections.Counter(re.findall(r"\bvsm[34]\w+", text)), text.count("<unknown>")


def main():
    program = shutil.which("llvm-objdump-19")
    if not program:
        print("skipped: llvm-objdump-19 is not installed (llvm-19)")
        return 77
    failures = []
    for folder, expected in EXPECTED.items():
        objects = [path for path in sys.argv[1:] if f"/kernels/{folder}" in path]
        if len(objects) != 1:
            failures.append(f"{folder}: {len(objects)} objects")
            continue
        found, unknown = read(program, objects[0])
        exact = folder == "sm3ni/"
        right = all(found[name] == count if exact else found[name] >= count for name, count in expected.items())
        if unknown or not right or set(found) != set(expected):
            failures.append(f"{folder}: {dict(found)}, {unknown} unknown; expected {expected}")
    print("\n".join(failures) or "the octets are the instructions")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
