#!/usr/bin/env python3
"""ofdrw judges the OFD files that heqi_make_ofd_samples has made.

  tests/interop/ofdrw/ours.py FOLDER

Every file of good/ is valid to it, each v4 seal is signed by its maker, and the pieces of a cross-page seal are
those of one seal: one on every page, edge to edge, together as wide as the seal. Every file of bad/ is invalid to
it. What it says of uncovered/ is shown only: ofdrw does not ask whether something is covered.
"""
import os
import pathlib
import re
import subprocess
import sys

STAMP = re.compile(r"\d+@(\S+) (\S+) (\S+) (\S+)/(?:null|(\S+) (\S+) (\S+) ([0-9.]+))")
ROUNDING_MM = 0.002


def ask(files):
    """The rows of ofdrw: name, verdict, why, seals that hold, stamps."""
    script = pathlib.Path(__file__).with_name("run.sh")
    ran = subprocess.run([script, *files], capture_output=True, text=True, check=False,
                         env={**os.environ, "OFDRW_EXPECTS": "anything"})
    rows = [line.split("\t") for line in ran.stdout.splitlines() if "\t" in line]
    if ran.returncode != 0 or len(rows) != len(files):
        sys.exit(f"ofdrw did not answer: {ran.stdout}{ran.stderr}")
    return rows


def seam_faults(pages, stamps):
    """What is wrong with the pieces of a cross-page seal; clips are x, y, width, height in the stamp."""
    pieces = sorted(tuple(float(number) for number in piece) for piece in STAMP.findall(stamps) if piece[4])
    if len(pieces) != pages:
        return f"{len(pieces)} pieces on {pages} pages"
    edge = 0.0
    for _, _, width, height, clip_x, clip_y, clip_width, clip_height in sorted(pieces, key=lambda p: p[4]):
        if abs(clip_x - edge) > ROUNDING_MM or clip_y != 0 or clip_height != height:
            return f"a piece begins at {clip_x} mm, due {edge} mm"
        edge = clip_x + clip_width
    return None if abs(edge - width) <= ROUNDING_MM else f"the pieces are {edge} mm wide, the seal {width} mm"


def faults_of_good(path, row):
    _, verdict, why, seals, stamps = row
    if verdict != "valid":
        yield f"{verdict}: {why}"
    name, pages = path.stem.rsplit("-", 1)
    if not name.startswith("signed") and seals == "0":
        yield "no seal was verified"
    if name in ("left", "right"):
        fault = seam_faults(int(pages), stamps)
        if fault:
            yield fault


def main(folder):
    folder, wrong, agreed = pathlib.Path(folder), 0, 0
    files = {kind: sorted((folder / kind).glob("*.ofd")) for kind in ("good", "bad", "uncovered")}
    order = [path for kind in files.values() for path in kind]
    for path, row in zip(order, ask(order)):
        faults = []
        if path.parent.name == "good":
            faults = list(faults_of_good(path, row))
        elif path.parent.name == "bad" and row[1] != "invalid":
            faults = [f"{row[1]}, though it was altered"]
        if path.parent.name == "uncovered":
            print(f"ofdrw calls {path.name} {row[1]}; heqi verify refuses it")
            continue
        agreed += not faults
        for fault in faults:
            wrong += 1
            print(f"{path.name}: {fault}")
    if not files["good"] or not files["bad"]:
        sys.exit("there are no files to judge")
    print(f"{agreed} of {len(files['good']) + len(files['bad'])} files: the same verdict as heqi's")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
