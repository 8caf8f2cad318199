"""dsodenet synth with the real Yosys keeps the budget of the smallest target."""
import shutil

import pytest


@pytest.mark.skipif(not shutil.which("yosys"), reason="needs Yosys")
def test_the_smallest_target_keeps_its_budget(dsodenet):
    result = dsodenet("synth", "--target", "grid-4x4x1", "--json", timeout=3600)
    assert result.returncode == 0, result.stderr
    # It is synthesis that was counted: 16 products, 36 of the depthwise sums, and the rest of four lanes.
    assert 44 <= result.json["dsp"]
    assert result.json["levels"] > 0
