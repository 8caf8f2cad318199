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


def row(table, name):
    """The cells behind `name` in the docs' table under that heading."""
    text = DOCS.split(table, 1)[1]
    return [cell.strip() for cell in re.search(rf"^\| `?{name}`? \|(.*)\|$", text, re.M)[1].split("|")]


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
    times = [record[key] for key in ("a53_ms", "a53_ms_lo", "a53_ms_hi")]
    assert one == "{:.1f} ({:.1f} to {:.1f})".format(*times)
    assert four == "{:.1f} ({:.1f} to {:.1f})".format(*(t / 4 for t in times))
    assert here == f"{record['x86_ms']:.2f}"


def test_the_docs_ratios_to_the_paper_follow_from_the_records():
    line = re.search(r"^\| times faster than software.*$", DOCS, re.M)[0]
    for record in SOFTWARE["models"]:
        accelerator = float(row("tools/a53_estimate.py --out", record["model"])[0].split(",")[0])
        faster = [record[key] / accelerator for key in ("a53_ms", "a53_ms_lo", "a53_ms_hi")]
        assert "{:.0f} ({:.0f} to {:.0f}) for `{}`".format(*faster, record["model"]) in line
