#!/usr/bin/env python3
"""Lets heqi verify judge files of others, and compares with tests/interop/samples.tsv.

  tests/interop/foreign.py FOLDER

The files stay outside the tree: the table knows them by SHA-256. A row is the hash, where the file is
from, its name there, and the verdict: one of the report's, or "unreadable". No roots are trusted, so that
nothing can be better than INDETERMINATE; attacks are INVALID, NO_SIGNATURE or unreadable. A file that
the table does not know is judged and shown, and decides nothing.
"""
import hashlib
import json
import pathlib
import subprocess
import sys

SECONDS_MAX = 60


def find_program(root):
    built = root.glob("build/*/src/program/heqi/heqi")
    newest = max(built, key=lambda path: path.stat().st_mtime, default=None)
    if newest is None:
        sys.exit("interop: heqi is not built: ./dev build")
    return newest


def read_table(path):
    table = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            digest, origin, name, verdict = line.split("\t")
            table[digest] = (f"{origin}: {name}", verdict)
    return table


def judge(program, path):
    """The verdict of one file; "crashed" or "too slow" where there is none."""
    try:
        ran = subprocess.run([program, "verify", "--json", "--lang", "en", path], capture_output=True,
                             text=True, timeout=SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired:
        return "too slow"
    try:
        answer = json.loads(ran.stdout)
    except json.JSONDecodeError:
        return "crashed"
    return answer["report"]["verdict"] if "report" in answer else "unreadable"


def main(folder):
    root = pathlib.Path(__file__).resolve().parents[2]
    program, table = find_program(root), read_table(root / "tests/interop/samples.tsv")
    known, unknown, wrong = 0, 0, 0
    for path in sorted(pathlib.Path(folder).rglob("*.[po][df][fd]")):
        name, due = table.get(hashlib.sha256(path.read_bytes()).hexdigest(), (None, None))
        verdict = judge(program, path)
        if verdict in ("crashed", "too slow") or (due is not None and verdict != due):
            wrong += 1
            print(f"failed    {name or path}: {verdict}, due {due or 'a verdict'}")
        elif due is None:
            unknown += 1
            print(f"unknown   {path}: {verdict}")
        else:
            known += 1
            print(f"passed    {name}: {verdict}")
    print(f"{known} passed, {wrong} failed, {unknown} not in the table, {len(table)} in the table")
    return 1 if wrong or known == 0 else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
