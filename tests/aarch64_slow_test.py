"""The runtime for 64-bit ARM: cross-compiled, its tests under qemu-user, NEON kernels among them."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/aarch64"


@pytest.mark.skipif(not (shutil.which("aarch64-linux-gnu-g++") and shutil.which("qemu-aarch64") and
                         Path("/usr/src/googletest").is_dir()),
                    reason="needs g++-aarch64-linux-gnu, qemu-user and googletest")
def test_its_tests_pass():
    jobs = str(os.cpu_count())
    for command in (["cmake", "--preset", "aarch64"], ["cmake", "--build", BUILD, "-j", jobs],
                    ["ctest", "--test-dir", BUILD, "-j", jobs, "--output-on-failure", "--no-tests=error"]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
