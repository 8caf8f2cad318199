"""dsodenet synth with the real Yosys keeps the budget of the smallest target."""
import shutil

import pytest


@pytest.mark.skipif(not shutil.which("yosys"), reason="needs Yosys")
def test_the_smallest_target_keeps_its_budget(dsodenet):
    result = dsodenet("synth", "--target", "grid-4x4x1", "--json", timeout=3600)
    assert result.returncode == 0, result.stderr
    # Sixteen products in eight slices, and nine multipliers of each of four lanes: it was counted at all.
    assert result.json["dsp"] >= 8 + 36
    assert result.json["levels"] > 0
