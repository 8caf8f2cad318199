"""A run that was killed or interrupted goes on with --resume to the numbers of one that was not."""
import json
import signal
import subprocess
import time

import pytest
from conftest import last_line_json, refused
from tiny_sets import TINY, write_set

pytestmark = pytest.mark.torch
EPOCHS = 4
# Averaged weights have a state of their own to bring back.
ARGUMENTS = ["train", "--data", "idx:tiny", *TINY, "--steps", "6", "--epochs", str(EPOCHS), "--batch-size", "16",
             "--ema", "0.9", "--json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resume")
    write_set(folder / "tiny", n=3000)
    return folder


@pytest.fixture(scope="module")
def whole(binary, folder):
    """The result of the run that nothing disturbed; its folder is `whole`."""
    result = subprocess.run([binary, *ARGUMENTS, "--out", "whole"], cwd=folder, capture_output=True, text=True, check=True)
    return last_line_json(result.stdout)


def stop_after_first_epoch(binary, folder, out, sign):
    """Starts the run, sends the signal once metrics.jsonl has a line, and returns (exit code, stderr)."""
    process = subprocess.Popen([binary, *ARGUMENTS, "--out", out], cwd=folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    metrics = folder / out / "metrics.jsonl"
    # last.safetensors comes after the line: with both there the second epoch has begun.
    while process.poll() is None and not (metrics.exists() and (folder / out / "last.safetensors").exists()):
        time.sleep(0.005)
    time.sleep(0.05)
    assert process.poll() is None, "the run ended before it could be stopped: make it longer"
    process.send_signal(sign)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def metrics_of(folder, out):
    lines = [json.loads(line) for line in (folder / out / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "images_per_second"} for line in lines]


def timeless(result):
    return {key: value for key, value in result.items() if key not in ("seconds", "images_per_second", "peak_rss_mb")}


def resume(binary, folder, out, *arguments):
    result = subprocess.run([binary, *arguments, "--out", out, "--resume"], cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "resuming at epoch" in result.stderr
    return last_line_json(result.stdout)


def assert_same_run(folder, whole, out, result):
    assert timeless(result) == timeless(whole)
    assert metrics_of(folder, out) == metrics_of(folder, "whole")
    assert len(metrics_of(folder, out)) == EPOCHS
    assert (folder / out / "best.safetensors").read_bytes() == (folder / "whole/best.safetensors").read_bytes()


def test_a_killed_run_resumes_to_the_same_numbers(binary, folder, whole):
    code, _ = stop_after_first_epoch(binary, folder, "killed", signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert_same_run(folder, whole, "killed", resume(binary, folder, "killed", *ARGUMENTS))


def test_ctrl_c_saves_and_the_run_goes_on_from_its_own_configuration(binary, folder, whole):
    code, errors = stop_after_first_epoch(binary, folder, "interrupted", signal.SIGINT)
    refused(subprocess.CompletedProcess([], code, "", errors), 130, "interrupted at epoch", "--resume --out interrupted")
    assert len(metrics_of(folder, "interrupted")) < EPOCHS
    # Nothing but --resume and --out is given: config.toml has the rest.
    assert_same_run(folder, whole, "interrupted", resume(binary, folder, "interrupted", "train", "--json"))


def test_a_finished_run_is_left_as_it_is(binary, folder, whole):
    before = (folder / "whole/best.safetensors").read_bytes()
    assert timeless(resume(binary, folder, "whole", *ARGUMENTS)) == timeless(whole)
    assert (folder / "whole/best.safetensors").read_bytes() == before


def test_resume_without_a_run_starts_one(binary, folder):
    result = subprocess.run([binary, *ARGUMENTS, "--epochs", "1", "--out", "fresh", "--resume"], cwd=folder,
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert len(metrics_of(folder, "fresh")) == 1
