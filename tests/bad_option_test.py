"""Wrong options and work that fails: one clear error with its remedy and the exit code of the contract."""
import os
import subprocess

import pytest
from conftest import contents, refused, small_files_only
from tiny_sets import TINY, write_set

pytestmark = pytest.mark.torch


def train(dsodenet, data, *more, **options):
    return dsodenet("train", "--data", data, *TINY, "--epochs", 1, "--out", "out", "--json", *more, **options)


@pytest.mark.parametrize("arguments, pieces", [
    (["--bach-size", "8"], ["bach-size", "'batch_size'"]),
    (["bach_size=8"], ["bach_size", "'batch_size'"]),
    (["--model", "dsodnet-t"], ["--model", "'dsodenet-t'"]),
    (["--data", "minst"], ["'minst'", "'mnist'"]),
    (["--data", "mnist+blur9"], ["blur9", "1-5"]),
    (["--data", ""], ["no data set"]),
    (["--epochs", "two"], ["--epochs", "'two'", "whole number"]),
    (["--epochs", "0"], ["--epochs: 0"]),
    (["--lr", "-1"], ["--lr: -1"]),
    (["--widths", "4,6,8,9,9,9"], ["input", "last stage"]),
    (["--threads", "-1"], ["--threads"]),
    (["--solver", "dopri5", "--step-control", "adaptive"], ["norm", "bn-per-step", "gn"]),
    (["nonsense"], ["'nonsense'", "name=VALUE"]),
    (["--config", "nowhere.toml"], ["nowhere.toml"]),
])
def test_a_wrong_option_is_named_with_its_remedy(dsodenet, tmp_path, arguments, pieces):
    data = write_set(tmp_path / "tiny", n=30)
    before = contents(tmp_path)
    refused(train(dsodenet, data, *arguments), 2, *pieces)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("arguments, pieces", [
    (["--method", "shoot"], ["--method", "'shot'"]),
    (["--select", "bmn"], ["--select", "'bnm'"]),
    (["--method", "dann"], ["--source", "dann"]),
    (["--select", "source-val"], ["--source", "source-val"]),
    (["--images-per-epoch", "-1"], ["--images-per-epoch"]),
    (["--epochs", "-1"], ["--epochs: -1"]),
    (["--lr", "0"], ["--lr: 0"]),
])
def test_a_wrong_option_of_adaptation(dsodenet, run, tmp_path, arguments, pieces):
    before = contents(tmp_path)
    refused(dsodenet("adapt", "--checkpoint", "run", "--target", "idx:tiny", "--out", "adapted", *arguments), 2, *pieces)
    assert contents(tmp_path) == before


def test_a_loss_that_is_not_a_number(dsodenet, tmp_path):
    data = write_set(tmp_path / "tiny")
    result = train(dsodenet, data, "--lr", "1e30", "--clip", 0, "--warmup", 0, "--batch-size", 8)
    refused(result, 1, "loss is", "step", "--lr")
    assert not (tmp_path / "out/best.safetensors").exists()


def test_no_space_for_a_checkpoint_leaves_the_old_one(dsodenet, run, tmp_path):
    saved = {path: data for path, data in contents(tmp_path).items() if path.suffix == ".safetensors"}
    result = dsodenet("train", "--resume", "--out", "run", "--epochs", 3, preexec_fn=small_files_only)
    refused(result, 1, ".safetensors", "cannot write", "disk space")
    assert {path: path.read_bytes() for path in saved} == saved
    assert not any(".tmp" in path.name for path in (tmp_path / "run").iterdir())
    assert dsodenet("eval", "--checkpoint", "run", "--data", "idx:tiny").returncode == 0


def test_a_full_disk(dsodenet, tmp_path):
    data = write_set(tmp_path / "tiny")
    (tmp_path / "out").mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", tmp_path / "out"],
                                                   capture_output=True).returncode == 0
    if not mounted:
        pytest.skip("a full file system needs the right to mount one")
    try:
        result = train(dsodenet, data)
        left = [path.name for path in (tmp_path / "out").iterdir()]
    finally:
        subprocess.run(["umount", tmp_path / "out"], check=True)
    refused(result, 1, "out/", "No space left", "disk space")
    assert not any(".tmp" in name for name in left)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission_to_write(dsodenet, tmp_path):
    (tmp_path / "out").mkdir(mode=0o500)
    refused(train(dsodenet, write_set(tmp_path / "tiny")), 1, "out", "permission")
