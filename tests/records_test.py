"""The pages quote fpga/resources.json and fpga/software.json, as the report does."""
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RESOURCES = json.loads((ROOT / "fpga/resources.json").read_text())
SOFTWARE = json.loads((ROOT / "fpga/software.json").read_text())
DOCS = (ROOT / "docs/results.md").read_text()
HAS = {"lut": 230400, "ff": 460800, "dsp": 1728, "bram36": 312, "uram": 96}  # the XCZU7EV
UNIT = {"bram36": " BRAM36"}


def row(table, name, docs=DOCS):
    """The cells behind `name` in the docs' table under that heading."""
    text = docs.split(table, 1)[1]
    return [cell.strip() for cell in re.search(rf"^\| `?{name}`? \|(.*)\|$", text, re.M)[1].split("|")]


def ranged(record, key, by, decimals):
    return "{0:.{3}f} ({1:.{3}f} to {2:.{3}f})".format(*(record[key + end] / by for end in ("", "_lo", "_hi")), decimals)


@pytest.mark.parametrize("record", RESOURCES, ids=lambda r: r["target"])
def test_the_docs_table_of_resources_is_the_record(record):
    text = (ROOT / "docs/architecture.md").read_text()
    line = re.search(rf"^\| `{record['target']}`, XCZU7EV \|(.*)\|$", text, re.M)[1]
    counts = [f"{record[key]:,}{UNIT.get(key, '')} ({100 * record[key] / has:.1f} %)" for key, has in HAS.items()]
    assert [cell.strip() for cell in line.split("|")][1:6] == counts


def test_the_docs_say_how_full_the_largest_target_is():
    record = next(r for r in RESOURCES if r["target"] == "zcu104")
    for key, has in HAS.items():
        assert f"{100 * record[key] / has:.1f} %" in DOCS.split("On the ZCU104's XCZU7EV", 1)[1].split("\n\n", 1)[0]


@pytest.mark.parametrize("record", SOFTWARE["models"], ids=lambda r: r["model"])
def test_the_docs_table_of_software_is_the_record(record):
    _, one, four, here = row("tools/a53_estimate.py --out", record["model"])
    assert [one, four] == [ranged(record, "a53_ms", 1, 1), ranged(record, "a53_ms", 4, 1)]
    assert here == f"{record['x86_ms']:.2f}"


@pytest.mark.parametrize("record", SOFTWARE["models"], ids=lambda r: r["model"])
def test_the_docs_table_of_neon_kernels_is_the_record(record):
    assert row("The NEON kernels of `libdsode`", record["model"]) == [
        ranged(record, key, cores, 1) for key in ("neon_int8_ms", "neon_fp32_ms") for cores in (1, 4)]


@pytest.mark.parametrize("precision, loops", SOFTWARE["neon_cycles_a_mac"].items())
def test_the_docs_table_of_neon_loops_is_the_record(precision, loops):
    runtime = (ROOT / "docs/runtime.md").read_text()
    assert row("tools/a53_estimate.py", precision, runtime) == [f"{loops[loop]:.3f}" for loop in ("depthwise", "product")]


@pytest.mark.parametrize("begin, key", [("times faster than software", "a53_ms"), ("than the NEON kernels", "neon_int8_ms")])
def test_the_docs_ratios_to_the_paper_follow_from_the_records(begin, key):
    line = re.search(rf"^\| {begin}.*$", DOCS, re.M)[0]
    for record in SOFTWARE["models"]:
        accelerator = float(row("tools/a53_estimate.py --out", record["model"])[0].split(",")[0])
        assert f"{ranged(record, key, accelerator, 0)} for `{record['model']}`" in line
