"""Requirement lists, and the lines in which tests say what they show."""
import re
from dataclasses import dataclass, field

from tree import project_files, read_text

LISTS = ("MSSP", "KEPOSS", "APPS", "ECP")
ID = r"[A-Z][A-Z0-9]*[0-9A-Za-z]*(?:-[0-9A-Za-z.]*[0-9A-Za-z])+"
SOURCES = re.compile(r"^(src|tests|fuzz|web)/.*\.(cc|h|ts|mjs|sh|py|flow)$")
MARK = re.compile(r"^\s*(?://|#)\s*(?:\S+\.flow\s+)?(shows|shows-part):\s*(.*?)\s*$")
COMMENT = re.compile(r"^\s*(?://|#)\s?(.*?)\s*$")
CPP_TEST = re.compile(r"\s*(?:TYPED_)?TEST(?:_F|_P)?\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)")
FUZZ_TEST = re.compile(r'\s*extern "C" int LLVMFuzzerTestOneInput')
TS_TEST = re.compile(r"(?:\s*for \(.*\) \{\n)?\s*(?:test|it)(?:\.\w+)?\(\s*[\"'`](.*?)[\"'`]")
PYTHON_TEST = re.compile(r"\s*def (test\w*)")

# Requirements about security: each that is shown wants a mutant.
SECURITY = re.compile(r"^(COS-|ECP-KEY-|MSSP-9\.|KEP-10[.-]|KEP-15[.-]|KEP-18|ZSA37-5\.3-)")


@dataclass
class Requirement:
    id: str
    text: str
    heading: str
    list_name: str


@dataclass
class Showing:
    """One test, and the ids that it shows (missing = None) or shows in part."""
    path: str
    line: int
    test: str            # "Suite.Name" in C++; the path elsewhere, with the test's own name if it has one
    id: str
    missing: str | None


@dataclass
class Findings:
    showings: list = field(default_factory=list)
    declared: dict = field(default_factory=dict)   # id → document
    errors: list = field(default_factory=list)


def read_requirements(root):
    """All requirements in their order; raises ValueError on a line that is none."""
    found, seen = [], set()
    for name in LISTS:
        path, heading = f"docs/requirements/{name}.md", ""
        for number, line in enumerate(read_text(root, path).splitlines(), 1):
            if line.startswith("## "):
                heading = line[3:].strip()
            elif line.startswith("- "):
                match = re.match(rf"- ({ID}) (.+)$", line)
                if not match:
                    raise ValueError(f"{path}:{number}: not a requirement: {line[:60]}")
                if match[1] in seen:
                    raise ValueError(f"{path}:{number}: {match[1]} is there twice")
                seen.add(match[1])
                found.append(Requirement(match[1], match[2], heading, name))
    return found


def split_shows(text):
    """Ids of 'ID, ID   mutant: …'; None if it is anything else."""
    text = re.sub(r"\s+mutants?:.*$", "", text)
    ids = [part.strip() for part in text.split(",")]
    return ids if all(re.fullmatch(ID, one) for one in ids) else None


def split_parts(text):
    """Pairs of 'ID (what is missing), ID, ID (the same for both)'; None if it is anything else."""
    pairs, rest = [], text.strip()
    while rest:
        head = re.match(rf"({ID}(?:\s*,\s*{ID})*)\s*\(", rest)
        if not head:
            return None
        depth, end = 1, head.end()
        while end < len(rest) and depth:
            depth += {"(": 1, ")": -1}.get(rest[end], 0)
            end += 1
        if depth:
            return None
        pairs += [(one, rest[head.end():end - 1].strip()) for one in re.findall(ID, head[1])]
        rest = re.sub(r"^[\s,]+|\s*mutants?:.*$", "", rest[end:])
    return pairs or None


def continues(kind, text):
    """Does a mark go on in the next comment line?"""
    return text.endswith(",") or (kind == "shows-part" and text.count("(") > text.count(")"))


def name_of_test(path, following):
    """The test that begins with the lines following a mark; None where none begins."""
    code = "\n".join(following)
    if path.endswith((".cc", ".h")):
        if path.startswith("fuzz/") and FUZZ_TEST.match(code):
            return path
        match = CPP_TEST.match(code)
        return f"{match[1]}.{match[2]}" if match else None
    if path.endswith((".ts", ".mjs")):
        match = TS_TEST.match(code)
        return f"{path}: {match[1]}" if match else None
    if path.endswith(".py"):
        match = PYTHON_TEST.match(code)
        return f"{path}: {match[1]}" if match else path
    return path


def scan_file(path, text, findings):
    lines, at = text.splitlines(), 0
    pending = []
    while at < len(lines):
        mark = MARK.match(lines[at])
        if mark:
            kind, said, begin = mark[1], mark[2], at
            while continues(kind, said) and at + 1 < len(lines) and COMMENT.match(lines[at + 1]):
                at += 1
                said += " " + COMMENT.match(lines[at])[1]
            ids = split_shows(said) if kind == "shows" else split_parts(said)
            if ids is None:
                findings.errors.append(f"{path}:{begin + 1}: cannot read '{kind}: {said}'")
            else:
                pending.append((begin + 1, [(i, None) for i in ids] if kind == "shows" else ids))
        elif pending and not COMMENT.match(lines[at]):
            test = name_of_test(path, lines[at:at + 4])
            for line, ids in pending:
                if test is None:
                    findings.errors.append(f"{path}:{line}: shows something, but no test begins below")
                elif ".DISABLED_" in test:
                    findings.errors.append(f"{path}:{line}: a disabled test shows nothing")
                else:
                    findings.showings += [Showing(path, line, test, i, m) for i, m in ids]
            pending = []
        at += 1
    for line, ids in pending:   # a script that consists of its comment's promise
        findings.errors.append(f"{path}:{line}: shows something, but no test begins below")


def scan(root):
    """What the tests show and the documents declare."""
    findings = Findings()
    for path in project_files(root):
        if SOURCES.match(path) and not path.startswith("tests/tools/"):
            scan_file(path, read_text(root, path), findings)
        elif (path.startswith("docs/") and path.endswith(".md") and path != "docs/conformance.md"
              and not path.startswith("docs/requirements/")):
            for match in re.finditer(rf"declared: ((?:{ID}(?:, )?)+)", read_text(root, path)):
                for one in re.findall(ID, match[1]):
                    findings.declared.setdefault(one, path)
    return findings
