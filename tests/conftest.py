"""Fixtures of the end-to-end tests, which run the built binary as a person would.

CTest passes its path as DSODENET_BINARY and whether it has libtorch as DSODENET_TORCH; by hand:
    DSODENET_BINARY=build/dev/dsodenet python3 -m pytest tests
"""
import json
import os
import subprocess
from pathlib import Path

import pytest

HAS_TORCH = os.environ.get("DSODENET_TORCH", "ON").upper() not in ("OFF", "0", "FALSE")


def pytest_configure(config):
    config.addinivalue_line("markers", "torch: needs a build with libtorch (train, adapt, eval, ...)")


def pytest_runtest_setup(item):
    if item.get_closest_marker("torch") and not HAS_TORCH:
        pytest.skip("this build is without libtorch (DSODE_TORCH=OFF)")


def last_line_json(text):
    """The object that --json prints on the last line, or None."""
    lines = text.strip().splitlines()
    try:
        value = json.loads(lines[-1])
    except (IndexError, ValueError):
        return None
    return value if isinstance(value, dict) else None


@pytest.fixture(scope="session")
def binary():
    path = os.environ.get("DSODENET_BINARY")
    if not path:
        pytest.skip("set DSODENET_BINARY to the built dsodenet")
    return Path(path).resolve()


@pytest.fixture
def dsodenet(binary, tmp_path):
    """dsodenet("info", "--model", "dsodenet-t", "--json") -> CompletedProcess; `.json` is the last line's object.

    Runs in the test's own folder. Arguments may be paths or numbers; keywords go to subprocess.run (`env` is added to
    the environment).
    """

    def run(*args, timeout=300, env=None, **options):
        result = subprocess.run([binary, *map(str, args)], capture_output=True, text=True, timeout=timeout,
                                env={**os.environ, **(env or {})}, **{"cwd": tmp_path, **options})
        result.json = last_line_json(result.stdout)
        return result

    return run


@pytest.fixture(scope="session")
def data_dir():
    """The folder of real data sets; tests that need it are skipped where DSODENET_DATA names none."""
    path = os.environ.get("DSODENET_DATA")
    if not path or not Path(path).is_dir():
        pytest.skip("set DSODENET_DATA to a folder of data sets")
    return Path(path).resolve()
