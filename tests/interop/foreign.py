#!/usr/bin/env python3
"""Lets heqi verify judge files of others, and compares with tests/interop/samples.tsv.

  tests/interop/foreign.py FOLDER

The files stay outside the tree: the table knows them by SHA-256. A row is the hash, where the file is
from, its name there, and the verdict: one of the report's, or "unreadable". No roots are trusted, so that
nothing can be better than INDETERMINATE; attacks are INVALID, NO_SIGNATURE or unreadable. A file that
the table does not know is judged and shown, and decides nothing.

A PDF that was published as an attack says so in its row, and no table may call it better than INVALID.

A seal (.esl) or sealed signature (.dat) is "HOLDS" with its layout where every step passes that needs
neither roots nor the time of asking, "BROKEN" where one does not. Copies of those that hold, with one octet
of what is signed changed, do not.

A row of an OFD also has what ofdrw says (valid, invalid, unsigned), which is asked again where it is at
hand; where the two verifiers differ, the last column tells why. A copy of each that both take, with one
octet added to a page, is taken by neither.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

SECONDS_MAX = 60
CAUGHT = ("INVALID", "NO_SIGNATURE", "unreadable")
SEAL_STEPS = ("format", "seal_signature", "picture", "versions")
SIGNATURE_STEPS = ("signature", "signer_listed")
SEAL_FILES = (".esl", ".dat")


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
            digest, origin, name, verdict, *others = line.split("\t")
            if others[:1] == ["attack"] and verdict not in CAUGHT:
                sys.exit(f"interop: {path}: {name} is an attack, but its row says {verdict}")
            table[digest] = (f"{origin}: {name}", verdict, *others)
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


def judge_seal(program, path):
    """Whether a seal or sealed signature holds by itself."""
    ran = subprocess.run([program, "seal", "inspect", "--json", path], capture_output=True, text=True,
                         timeout=SECONDS_MAX, check=False)
    if ran.returncode == 2:
        return "unreadable"
    try:
        said = json.loads(ran.stdout)
    except json.JSONDecodeError:
        return "crashed"
    outcomes = {step["step"]: step["outcome"] for step in said["steps"]}
    asked = SEAL_STEPS + (SIGNATURE_STEPS if said["kind"] == "sealed_signature" else ())
    holds = all(outcomes[step] == "passed" for step in asked)
    return f"{said['layout']} {'HOLDS' if holds else 'BROKEN'}"


def compare_altered_seals(program, files):
    """How many copies of seals that hold still hold with one octet changed."""
    refused, wrong = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "altered"
        for path in files:
            if not judge_seal(program, path).endswith(" HOLDS"):
                continue
            for tenth in range(1, 9, 2):  # the certificates that nobody here vouches for stand at the end
                octets = bytearray(path.read_bytes())
                octets[len(octets) * tenth // 10] ^= 1
                copy.write_bytes(octets)
                if judge_seal(program, copy).endswith(" HOLDS"):
                    wrong += 1
                    print(f"failed    {path} holds with another octet at {tenth} tenths")
                else:
                    refused += 1
    print(f"altered seals: {refused} refused, {wrong} failed")
    return wrong


def ofdrw_says(files):
    """ofdrw's word on each file, or nothing where it is not at hand."""
    script = pathlib.Path(__file__).with_name("ofdrw") / "run.sh"
    ran = subprocess.run([script, *files], capture_output=True, text=True, check=False,
                         env={**os.environ, "OFDRW_EXPECTS": "anything"})
    print(*[line for line in ran.stdout.splitlines() if line.startswith("left out")], sep="\n", end="")
    rows = (line.split("\t") for line in ran.stdout.splitlines())
    return {row[0]: row[1] for row in rows if len(row) > 1}


def write_altered(file, to):
    """A copy of an OFD with an octet more in its first page that is signed; False where it has none."""
    with zipfile.ZipFile(file) as package, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as copy:
        lists = b"".join(package.read(name) for name in package.namelist() if name.endswith("Signature.xml"))
        pages = [name for name in package.namelist()
                 if name.endswith("Content.xml") and name.split("/", 1)[1].encode() in lists]
        for entry in package.infolist():
            octets = package.read(entry)
            copy.writestr(entry.filename, octets + b"\n" if pages and entry.filename == pages[0] else octets)
    return bool(pages)


def compare_altered(program, files, table):
    """How many altered copies of files that both verifiers take one of them takes as well."""
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for number, path in enumerate(files):
            row = table.get(hashlib.sha256(path.read_bytes()).hexdigest(), ())
            copy = pathlib.Path(folder) / f"{number}.ofd"
            if row[1:3] == ("INDETERMINATE", "valid") and write_altered(path, copy):
                copies.append((row[0], copy))
        said = ofdrw_says([copy for _, copy in copies]) if copies else {}
        wrong = 0
        for name, copy in copies:
            verdict = judge(program, copy)
            if verdict != "INVALID" or said.get(str(copy), "invalid") != "invalid":
                wrong += 1
                print(f"failed    {name}, altered: {verdict}; ofdrw says {said.get(str(copy))}")
        print(f"altered copies: {len(copies) - wrong} refused by heqi"
              f"{' and by ofdrw' if said else ''}, {wrong} failed")
        return wrong


def compare_with_ofdrw(files, table):
    """How many OFD files ofdrw and the table agree on, how many differ for the reason that the table has,
    and how many got another word than the table's."""
    same = {"VALID": "valid", "VALID_WITH_NOTES": "valid", "INDETERMINATE": "valid", "INVALID": "invalid",
            "NO_SIGNATURE": "unsigned"}
    agreed, differ, wrong = 0, 0, 0
    said = ofdrw_says(files) if files else {}
    for path in files:
        row = table.get(hashlib.sha256(path.read_bytes()).hexdigest(), ())
        if str(path) not in said or len(row) < 3:
            continue
        name, verdict, theirs, *why = row
        if said[str(path)] != theirs or (same.get(verdict) != theirs and not why):
            wrong += 1
            print(f"failed    {name}: ofdrw says {said[str(path)]}, due {theirs} beside our {verdict}")
        elif why:
            differ += 1
            print(f"differs   {name}: ofdrw {theirs}, heqi {verdict}: {why[0]}")
        else:
            agreed += 1
    if said:
        print(f"ofdrw: {agreed} agreed, {differ} differ for a known reason, {wrong} failed")
    return wrong


# shows: ECP-DOC-6
def main(folder):
    root = pathlib.Path(__file__).resolve().parents[2]
    program, table = find_program(root), read_table(root / "tests/interop/samples.tsv")
    known, unknown, wrong = 0, 0, 0
    files = sorted(path for path in pathlib.Path(folder).rglob("*")
                   if path.suffix in (".pdf", ".ofd", *SEAL_FILES))
    for path in files:
        name, due = table.get(hashlib.sha256(path.read_bytes()).hexdigest(), (None, None))[:2]
        verdict = judge_seal(program, path) if path.suffix in SEAL_FILES else judge(program, path)
        if verdict in ("crashed", "too slow") or (due is not None and verdict != due):
            wrong += 1
            print(f"failed    {name or path}: {verdict}, due {due or 'a verdict'}")
        elif due is None:
            unknown += 1
            print(f"unknown   {path}: {verdict}")
        else:
            known += 1
            print(f"passed    {name}: {verdict}")
    wrong += compare_altered_seals(program, [path for path in files if path.suffix in SEAL_FILES])
    packages = [path for path in files if path.suffix == ".ofd"]
    wrong += compare_with_ofdrw(packages, table)
    wrong += compare_altered(program, packages, table) if packages else 0
    print(f"{known} passed, {wrong} failed, {unknown} not in the table, {len(table)} in the table")
    return 1 if wrong or known == 0 else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
