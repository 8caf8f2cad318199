"""tools/a53_estimate.py with clang and llvm-mca: the record that the report quotes is what it says."""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(not (shutil.which("clang-14") and shutil.which("llvm-mca-14")), reason="needs clang-14 and llvm-14")
def test_the_recorded_estimates_come_out_again():
    vectors = os.environ.get("DSODENET_VECTORS") or pytest.skip("set DSODENET_VECTORS to the built write_vectors")
    recorded = json.loads((ROOT / "fpga/software.json").read_text())
    done = subprocess.run([sys.executable, ROOT / "tools/a53_estimate.py", "--vectors", vectors, "--json"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    if result["compiler"] != recorded["compiler"]:
        pytest.skip(f"recorded with {recorded['compiler']}")
    for precision, loops in recorded["neon_cycles_a_mac"].items():
        assert result["neon_cycles_a_mac"][precision] == pytest.approx(loops, rel=1e-3)
    for now, then in zip(result["models"], recorded["models"], strict=True):
        assert now["model"] == then["model"] and now["macs"] == then["macs"]
        for key in ("a53_ms", "neon_fp32_ms", "neon_int8_ms"):
            assert now[key] == pytest.approx(then[key], rel=1e-3)
            assert now[f"{key}_lo"] <= now[key] <= now[f"{key}_hi"]
