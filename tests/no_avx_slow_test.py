"""The runtime on an x86 without AVX, by qemu-user: its kernels beside the interpreters, integers in every bit."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

OLD_CPU = ["qemu-x86_64", "-cpu", "Nehalem"]
TESTS = "Executor.*:IntExecutor.EqualsTheGoldenInterpreterOnGeneratedModels:Session.*"


@pytest.mark.skipif(not shutil.which("qemu-x86_64"), reason="needs qemu-user")
def test_kernels_equal_the_interpreters():
    build = os.environ.get("DSODENET_BUILD") or pytest.skip("set DSODENET_BUILD to the build folder")
    program = Path(build) / "run_test"
    libraries = subprocess.run(["readelf", "-dW", program], capture_output=True, text=True, check=True).stdout
    if "san.so" in libraries:
        pytest.skip("qemu-user has no room for a sanitizer's shadow memory")
    done = subprocess.run([*OLD_CPU, program, f"--gtest_filter={TESTS}"], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    assert "IntExecutor.EqualsTheGoldenInterpreterOnGeneratedModels" in done.stdout
