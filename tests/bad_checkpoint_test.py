"""Damaged or unfit checkpoints: one clear error that names the file and the field, exit code 2, no file changed."""
import struct

import numpy as np
import pytest
from conftest import contents, refused
from tiny_sets import TINY, flipped, idx_bytes, safetensors_bytes, safetensors_parts, write_gz, write_set

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("damage, pieces", [
    (lambda data: data[:len(data) // 2], ["offset"]),
    (lambda data: b"", []),
    (lambda data: flipped(data, 0), []),
    (lambda data: flipped(data, 8), []),
    (lambda data: flipped(data, data.index(b"F32")), []),
    (lambda data: data.replace(b"classifier.weight", b"classifier.weighs"), ["classifier.weight"]),
    (lambda data: data.replace(b"dsodenet-checkpoint/1", b"dsodenet-checkpoint/9"), ["format"]),
    (lambda data: data.replace(b'\\"steps\\":2', b'\\"steps\\":0'), ["steps"]),
    (lambda data: data.replace(b'\\"steps\\":2', b'\\"stepz\\":2'), ["steps", "missing"]),
    (lambda data: data.replace(b'\\"widths\\":[4,6]', b'\\"widths\\":[6,6]'), ["stem", "[4,"]),
], ids=["truncated", "empty", "length flipped", "header flipped", "type flipped", "tensor renamed", "format of tomorrow",
        "value out of range", "field missing", "spec unlike its tensors"])
def test_damaged_safetensors(dsodenet, run, tmp_path, damage, pieces):
    path = tmp_path / "run/best.safetensors"
    damaged = damage(path.read_bytes())
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    before = contents(tmp_path)
    refused(dsodenet("eval", "--checkpoint", tmp_path / "run", "--data", "idx:tiny", "--json"), 2, path, *pieces)
    assert contents(tmp_path) == before


def with_value(path, name, value):
    """Overwrites the last element of a tensor."""
    header, body = safetensors_parts(path.read_bytes())
    end = header[name]["data_offsets"][1]
    body[end - 4:end] = struct.pack("<f", value)
    path.write_bytes(safetensors_bytes(header, body))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_checkpoint_with_a_number_that_is_not_finite(dsodenet, run, tmp_path, value):
    for name in ("best", "last"):
        with_value(tmp_path / "run" / f"{name}.safetensors", "classifier.weight", value)
    before = contents(tmp_path)
    refused(dsodenet("eval", "--checkpoint", "run", "--data", "idx:tiny"), 2, "best.safetensors", "classifier.weight",
            str(value))
    refused(dsodenet("adapt", "--checkpoint", "run", "--target", "idx:tiny", "--out", "adapted"), 2, "classifier.weight")
    refused(dsodenet("train", "--resume", "--out", "run", "--epochs", 3), 2, "last.safetensors", "classifier.weight")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("change, field", [(["--widths", "4,8"], "widths"), (["--model", "odenet-t"], "family"),
                                           (["--steps", "3"], "steps"), (["--solver", "heun"], "solver")])
def test_resuming_with_another_architecture(dsodenet, run, tmp_path, change, field):
    before = contents(tmp_path)
    result = dsodenet("train", "--data", "idx:tiny", *TINY, "--epochs", 3, "--resume", "--out", "run", *change)
    refused(result, 2, "last.safetensors", field, "another architecture")
    assert contents(tmp_path) == before


def test_resuming_with_other_images(dsodenet, run, tmp_path):
    before = contents(tmp_path)
    result = dsodenet("train", "--resume", "--out", "run", "--epochs", 3, "--batch-size", 20)
    refused(result, 2, "last.safetensors", "position", "--batch-size")
    assert contents(tmp_path) == before


def test_a_folder_without_a_checkpoint(dsodenet, tmp_path):
    write_set(tmp_path / "tiny")
    refused(dsodenet("eval", "--checkpoint", tmp_path, "--data", "idx:tiny"), 2, tmp_path, "no best.safetensors")
    refused(dsodenet("eval", "--checkpoint", "nowhere", "--data", "idx:tiny"), 2, "nowhere", "cannot open")
    refused(dsodenet("eval", "--data", "idx:tiny"), 2, "--checkpoint", "missing")
    refused(dsodenet("adapt", "--checkpoint", tmp_path), 2, "--target", "missing")


def test_label_out_of_the_checkpoints_range(dsodenet, run, tmp_path):
    data = write_set(tmp_path / "more")
    write_gz(tmp_path / "more-labels.idx.gz", idx_bytes(np.arange(120) % 4))
    refused(dsodenet("eval", "--checkpoint", "run", "--data", data), 2, data, "4 classes, the model has 3")
    refused(dsodenet("adapt", "--checkpoint", "run", "--source", data, "--target", data), 2, data, "4 classes")
