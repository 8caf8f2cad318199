"""dsodenet synth with the real Yosys: the smallest target keeps its budget, and is as the report says."""
import json
import shutil
from pathlib import Path

import pytest

RECORDS = Path(__file__).resolve().parent.parent / "fpga/resources.json"


@pytest.mark.skipif(not shutil.which("yosys"), reason="needs Yosys")
def test_the_smallest_target_keeps_its_budget_and_its_record(dsodenet):
    result = dsodenet("synth", "--target", "grid-4x4x1", "--json", timeout=3600)
    assert result.returncode == 0, result.stderr
    # Sixteen products in eight slices, and nine multipliers of each of four lanes: it was counted at all.
    assert result.json["dsp"] >= 8 + 36
    assert result.json["levels"] > 0
    record = next(r for r in json.loads(RECORDS.read_text()) if r["target"] == "grid-4x4x1")
    if result.json["tool"].startswith(record["tool"]):  # another version counts otherwise
        assert record == {key: result.json[key] for key in record} | {"tool": record["tool"]}
