#!/usr/bin/env python3
"""Checks the arrows between the folders of src/, and the names and beginnings of files.

The table in src/README.md is the rule: `| folder | what lives there | may include |`. What a folder may include is
transitive; `torch` in the last column stands for libtorch's headers, `all` for every folder. Tests, benchmarks and
fuzzers (`*_test.cc`, `*_bench.cc`, `*_fuzz.cc`) and their fixtures (`*fixture.h`) may include anything.

Prints one line for each fault and exits with 1 where there is any, with 2 where the table itself cannot be read.
"""
import argparse
import re
import sys
from pathlib import Path

CODE_FOLDERS = ("src", "fuzz", "bench", "tests", "tools")
SUFFIXES = (".h", ".cc", ".py")
BANNED_WORDS = {"util", "utils", "misc", "common", "extra", "extras", "helper", "helpers"}
ROW = re.compile(r"^\|\s*`?(?P<folder>[a-z_0-9]+)/?`?\s*\|[^|]*\|(?P<allowed>[^|]*)\|\s*$")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"(?P<own>[^"]+)"|<(?P<system>[^>]+)>)')
TORCH_HEADER = re.compile(r"^(torch|ATen|c10|caffe2)/")
BESIDE_SRC = {"cli": {"bench"}}  # folders beside src/ that a folder may include: a verb runs the benchmarks
EXEMPT = re.compile(r"_(test|bench|fuzz)\.cc$|fixture\.h$")


class BadTable(Exception):
    pass


def read_table(readme):
    """{folder: set of folders it may include directly, `torch` among them}."""
    table = {}
    for line in readme.read_text().splitlines():
        row = ROW.match(line)
        if row and row["folder"] != "folder":
            table[row["folder"]] = set(re.findall(r"[a-z_0-9]+", row["allowed"]))
    if not table:
        raise BadTable(f"{readme}: no row of the form | `folder/` | what lives there | may include |")
    for folder, allowed in table.items():
        if "all" in allowed:
            table[folder] = set(table) - {folder} | {"torch"}
        elif unknown := allowed - set(table) - {"torch"}:
            raise BadTable(f"{readme}: {folder} may include {', '.join(sorted(unknown))}: no such row")
    return table


def closure(table, folder):
    """Everything that `folder` may include, through others too."""
    reached, pending = set(), [folder]
    while pending:
        new = table.get(pending.pop(), set()) - reached
        reached |= new
        pending += new
    return reached


def include_fault(include, folder, allowed, table):
    """What is wrong with one #include of a file in `folder`, or None."""
    if include["system"]:
        if TORCH_HEADER.match(include["system"]) and "torch" not in allowed:
            return f"libtorch's <{include['system']}> may not be included by {folder}"
        return None
    target = include["own"].split("/")[0]
    if target in BESIDE_SRC.get(folder, ()):
        return None
    if "/" not in include["own"] or target not in table:
        return f'"{include["own"]}" does not start with a folder of src/'
    if target != folder and target not in allowed:
        return f'"{include["own"]}": {folder} may not include {target}'
    return None


def include_faults(root, table):
    for path in sorted((root / "src").rglob("*")):
        parts = path.relative_to(root / "src").parts
        if path.suffix not in (".h", ".cc") or len(parts) < 2 or EXEMPT.search(path.name):
            continue
        folder = parts[0]
        allowed = closure(table, folder)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            include = INCLUDE.match(line)
            if include and (fault := include_fault(include, folder, allowed, table)):
                yield f"{path.relative_to(root)}:{number}: {fault}"


def folder_faults(root, table):
    present = {path.name for path in (root / "src").iterdir() if path.is_dir()}
    for folder in sorted(present - set(table)):
        yield f"src/{folder}: no row in the table of src/README.md"
    for folder in sorted(set(table) - present):
        yield f"src/README.md: the table's {folder} does not exist"
    for folder in sorted(table):
        if folder in closure(table, folder):
            yield f"src/README.md: {folder} reaches itself, data flows one way"


def name_faults(root):
    for top in CODE_FOLDERS:
        for path in sorted((root / top).rglob("*")):
            if path.is_file() and path.suffix not in SUFFIXES or "__pycache__" in path.parts:
                continue
            if banned := BANNED_WORDS & set(path.stem.lower().split("_")):
                yield f"{path.relative_to(root)}: '{banned.pop()}' says nothing, name it after what it does"


def header_faults(root):
    for top in ("src", "fuzz", "bench"):
        for path in sorted((root / top).rglob("*.h")):
            if path.parent.name == "dsode":  # the public header, which is C
                continue
            lines = path.read_text().splitlines()
            name = path.relative_to(root)
            if not lines or not lines[0].startswith("//"):
                yield f"{name}:1: a header starts with a comment that says what it is for"
            code = [line for line in lines if line and not line.startswith("//")]
            if not code or code[0] != "#pragma once":
                yield f"{name}: #pragma once must be the first line after the comment"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root
    try:
        table = read_table(root / "src" / "README.md")
    except (BadTable, OSError) as error:
        print(f"check_includes: {error}", file=sys.stderr)
        return 2
    faults = [*folder_faults(root, table), *include_faults(root, table), *name_faults(root), *header_faults(root)]
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        print(f"check_includes: {len(faults)} faults; the rules stand in src/README.md", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
