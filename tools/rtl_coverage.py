#!/usr/bin/env python3
"""Sums the coverage files that Verilator's models wrote and prints, for each module, how much of it ran.

    tools/rtl_coverage.py FOLDER

A point is a piece of code that runs as a whole: a process, or a branch of an if or a case. `--coverage-line` counts points,
each with the lines that it holds; a line that several hold, such as an if and its else, ran if all of them did.
"""

import collections
import pathlib
import re
import sys


def points(folder):
    """{(file, line, kind): [times it ran, its lines]}, over all files and instances."""
    found = collections.defaultdict(lambda: [0, set()])
    for path in sorted(folder.glob("*.dat")):
        for record in path.read_text().splitlines():
            match = re.fullmatch(r"C '(.*)' (\d+)", record)
            if not match:
                continue
            field = dict(pair.split("\x02") for pair in match[1].split("\x01") if pair)
            point = found[field["f"], int(field["l"]), int(field["n"]), field["o"]]
            point[0] += int(match[2])
            # A branch without code of its own, such as an else that is not written, is its if.
            for part in field.get("S", field["l"]).split(","):
                first, _, last = part.partition("-")
                point[1].update(range(int(first), int(last or first) + 1))
    return found


def main():
    folder = pathlib.Path(sys.argv[1])
    modules = collections.defaultdict(dict)  # of a line: whether all of its points ran
    for (file, _, _, _), (count, lines) in points(folder).items():
        module = modules[pathlib.Path(file).stem]
        for line in lines:
            module[line] = module.get(line, True) and count > 0
    if not modules:
        sys.exit(f"rtl_coverage: {folder}: there are no coverage files")
    print(f"{'module':24} {'lines':>6} {'ran':>6}  did not run")
    for name, module in sorted(modules.items()):
        missed = [line for line, ran in sorted(module.items()) if not ran]
        print(f"{name:24} {len(module):6} {len(module) - len(missed):6}  {' '.join(map(str, missed))}".rstrip())
    total = sum(map(len, modules.values()))
    ran = sum(sum(module.values()) for module in modules.values())
    print(f"{'total':24} {total:6} {ran:6}  {100 * ran / total:.1f} %")


if __name__ == "__main__":
    main()
