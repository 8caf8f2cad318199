"""Fixtures of the end-to-end tests, which run the built binary as a person would.

CTest passes its path as DSODENET_BINARY and whether it has libtorch as DSODENET_TORCH; by hand:
    DSODENET_BINARY=build/dev/dsodenet python3 -m pytest tests
"""
import json
import os
import resource
import shutil
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_sets import TINY, write_set

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


def refused(result, code, *pieces):
    """Checks the manners of an error: exit code, one line that names what is wrong, a hint below it, no result."""
    errors = [line for line in result.stderr.splitlines() if line.startswith("dsodenet: ")]
    assert result.returncode == code, result.stderr
    assert len(errors) == 1, result.stderr
    hint = result.stderr.splitlines()[result.stderr.splitlines().index(errors[0]) + 1:]
    assert hint and hint[0].startswith("  ") and len(hint) == 1, result.stderr
    assert getattr(result, "json", None) is None
    for piece in pieces:
        assert str(piece) in errors[0] + hint[0], result.stderr


def small_files_only():
    """Writing beyond 4 kB fails with EFBIG, which stands for a full disk here."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def contents(folder):
    """Every file below `folder` with its bytes, to see that a failed command changed nothing."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="session")
def finished(binary, tmp_path_factory):
    """A folder with a tiny set `tiny` and a run `run` of one epoch on it, made once; `.result` is the command's."""
    if not HAS_TORCH:
        pytest.skip("this build is without libtorch (DSODE_TORCH=OFF)")
    folder = tmp_path_factory.mktemp("finished")
    write_set(folder / "tiny")
    result = subprocess.run([binary, "train", "--data", "idx:tiny", *TINY, "--epochs", "1", "--out", "run", "--json"],
                            capture_output=True, text=True, cwd=folder)
    assert result.returncode == 0, result.stderr
    result.json = last_line_json(result.stdout)
    return SimpleNamespace(folder=folder, result=result)


@pytest.fixture
def run(finished, tmp_path):
    """A copy of that folder in the test's own; returns what its training printed."""
    shutil.copytree(finished.folder, tmp_path, dirs_exist_ok=True)
    return finished.result


@pytest.fixture(scope="session")
def data_dir():
    """The folder of real data sets; tests that need it are skipped where DSODENET_DATA names none."""
    path = os.environ.get("DSODENET_DATA")
    if not path or not Path(path).is_dir():
        pytest.skip("set DSODENET_DATA to a folder of data sets")
    return Path(path).resolve()
