"""Exported models against a runtime that is not ours, and the manners of the verb."""
import csv
import json
import os
import platform
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import contents, refused
from tiny_sets import bright_places, idx_bytes, safetensors_bytes, safetensors_tensor, write_gz, write_set

# Largest difference of a score from ours, in units of the largest score or of 1.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Folders of random models with what the scalar interpreter says of them (tests/write_onnx_cases.cc)."""
    writer = os.environ.get("DSODENET_ONNX_CASES")
    if not writer:
        pytest.skip("set DSODENET_ONNX_CASES to the built write_onnx_cases")
    folder = tmp_path_factory.mktemp("cases")
    subprocess.run([writer, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def scores():
    """scores(path of a .onnx file, u8 pixels [N,H,W,C]) -> logits, features by ONNX Runtime; its nodes one by one
    where not `fused`: of a QDQ model, in floats."""
    runtime = pytest.importorskip("onnxruntime", reason="`./dev setup` brings ONNX Runtime for Python")

    def run(path, pixels, fused=True):
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        if not fused:
            options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = runtime.InferenceSession(os.fspath(path), options, providers=["CPUExecutionProvider"])
        return session.run(["logits", "features"], {"pixels": pixels})

    return run


def sums_of_bytes_saturate():
    """Whether ONNX Runtime adds two products of bytes in 16 bits, as the manual says of exported integer models."""
    return platform.machine() == "x86_64" and "vnni" not in Path("/proc/cpuinfo").read_text()


def difference(ours, theirs):
    assert ours.shape == theirs.shape
    return np.abs(ours - theirs).max() / max(1, np.abs(ours).max())


def predicted_logits(path):
    with path.open() as file:
        rows = list(csv.DictReader(file))
    classes = sum(name.startswith("logit") for name in rows[0])
    return np.array([[float(row[f"logit{k}"]) for k in range(classes)] for row in rows])


def test_every_family_norm_time_and_solver_gives_our_scores(cases, scores):
    folders = sorted(cases.iterdir())
    assert len(folders) == 3 * 4 * 2 * 5 + 4 * 2 + 3
    worst = {}
    for folder in folders:
        expected = (folder / "expected.safetensors").read_bytes()
        logits, features = scores(folder / "model.onnx", safetensors_tensor(expected, "pixels"))
        worst[folder.name] = max(difference(safetensors_tensor(expected, "logits"), logits),
                                 difference(safetensors_tensor(expected, "features"), features))
    assert {name: error for name, error in worst.items() if not error <= TOLERANCE} == {}


def test_any_number_of_images_at_once(cases, scores):
    pixels = safetensors_tensor((cases / "large-stem/expected.safetensors").read_bytes(), "pixels")
    together, _ = scores(cases / "large-stem/model.onnx", np.concatenate([pixels, pixels]))
    alone, _ = scores(cases / "large-stem/model.onnx", pixels[:1])
    assert difference(together[[0, 3]], np.concatenate([alone, alone])) <= TOLERANCE


@pytest.mark.torch
@pytest.mark.parametrize("case", ["dsodenet-t", "dsodenet-bn-per-step-concat-heun", "odenet-none-concat-dopri5",
                                  "rodenet-bn-none-rk4", "resnet-gn-concat-euler"])
def test_random_models_give_libtorchs_scores(cases, scores, dsodenet, tmp_path, case):
    checkpoint = cases / case / "checkpoint.safetensors"
    pixels = safetensors_tensor((cases / case / "expected.safetensors").read_bytes(), "pixels")
    write_gz(tmp_path / "set-images.idx.gz", idx_bytes(pixels[..., 0]))
    result = dsodenet("predict", "--checkpoint", checkpoint, "--data", "idx:set", "--logits", "--threads", 1,
                      "--out", "p.csv")
    assert result.returncode == 0, result.stderr
    assert dsodenet("export", "--checkpoint", checkpoint, "--format", "onnx", "--out", "m.onnx").returncode == 0
    assert difference(predicted_logits(tmp_path / "p.csv"), scores(tmp_path / "m.onnx", pixels)[0]) <= TOLERANCE


@pytest.mark.torch
def test_a_trained_model_gives_the_predictions_of_libtorch(run, scores, dsodenet, tmp_path):
    dsodenet("predict", "--checkpoint", "run", "--data", "idx:tiny", "--logits", "--threads", 1, "--out", "p.csv")
    assert dsodenet("export", "--checkpoint", "run", "--out", "m.onnx").returncode == 0
    logits, _ = scores(tmp_path / "m.onnx", bright_places(120, 1)[0][..., None])
    assert difference(predicted_logits(tmp_path / "p.csv"), logits) <= TOLERANCE
    with (tmp_path / "p.csv").open() as file:
        assert [int(row["label"]) for row in csv.DictReader(file)] == logits.argmax(1).tolist()


@pytest.mark.torch
@pytest.mark.parametrize("fused", [False, True], ids=["as-floats", "fused"])
def test_the_integer_model_as_qdq_says_what_the_golden_interpreter_says(run, scores, dsodenet, tmp_path, fused):
    if fused and sums_of_bytes_saturate():
        pytest.skip("ONNX Runtime's sums of bytes saturate on this CPU, which has no VNNI")
    count = 2000
    write_set(tmp_path / "many", count, seed=5)
    assert dsodenet("quantize", "--checkpoint", "run", "--data", "idx:tiny", "--out", "q").returncode == 0
    dsodenet("predict", "--checkpoint", "q", "--data", "idx:many", "--logits", "--out", "p.csv")
    result = dsodenet("export", "--checkpoint", "q", "--format", "onnx-qdq", "--out", "q.onnx")
    assert result.returncode == 0, result.stderr
    logits, _ = scores(tmp_path / "q.onnx", bright_places(count, 5)[0][..., None], fused)
    ours = predicted_logits(tmp_path / "p.csv")
    assert (logits.argmax(1) == ours.argmax(1)).mean() >= 0.99
    spread = (logits.max(1) - logits.min(1)).mean()
    # The CSV's scores are counted from the largest down.
    assert np.abs(logits - logits.max(1, keepdims=True) - ours + ours.max(1, keepdims=True)).mean() < 0.01 * spread


def test_a_graph_file_exports_like_its_checkpoint(cases, dsodenet, tmp_path):
    checkpoint = cases / "dsodenet-t/checkpoint.safetensors"
    result = dsodenet("export", "--checkpoint", checkpoint, "--out", "a.onnx", "--json")
    assert result.json == {"model": "dsodenet-t", "format": "onnx", "out": "a.onnx",
                           "bytes": (tmp_path / "a.onnx").stat().st_size}
    assert dsodenet("export", "--checkpoint", checkpoint, "--format", "ir", "--out", "a.safetensors").returncode == 0
    assert dsodenet("export", "--model", "a.safetensors", "--out", "b.onnx").returncode == 0
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_the_file_says_what_its_user_must_know(cases, dsodenet, tmp_path):
    runtime = pytest.importorskip("onnxruntime", reason="`./dev setup` brings ONNX Runtime for Python")
    dsodenet("export", "--checkpoint", cases / "dsodenet-t/checkpoint.safetensors", "--out", "a.onnx")
    session = runtime.InferenceSession(os.fspath(tmp_path / "a.onnx"), providers=["CPUExecutionProvider"])
    assert [(x.name, x.type, x.shape) for x in session.get_inputs()] == [
        ("pixels", "tensor(uint8)", ["N", 28, 28, 1])]
    meta = session.get_modelmeta()
    spec = json.loads(meta.custom_metadata_map["spec"])
    assert meta.producer_name == "dsodenet"
    assert meta.custom_metadata_map["format"] == "dsodenet-onnx/1"
    assert json.loads(meta.custom_metadata_map["classes"]) == spec["classes"]
    assert meta.custom_metadata_map["resize"] == spec["resize"] == "square-area"


@pytest.mark.parametrize("arguments, pieces", [
    (["--checkpoint", "c.safetensors", "--out", "new", "--format", "onx"], ["--format", "'onx'", "'onnx'"]),
    (["--checkpoint", "c.safetensors"], ["--out", "missing"]),
    (["--out", "new"], ["--checkpoint", "missing"]),
    (["--checkpoint", "nowhere", "--out", "new"], ["nowhere", "cannot open"]),
    (["--checkpoint", "c.safetensors", "--out", "taken"], ["--out taken", "exists already", "--force"]),
    (["--checkpoint", "empty", "--out", "new"], ["empty", "no best.safetensors"]),
    (["--checkpoint", "int.safetensors", "--out", "new"], ["int.safetensors", "dsodenet-int/1"]),
    (["--checkpoint", "taken", "--out", "new"], ["taken", "safetensors"]),
    (["--checkpoint", "c.safetensors", "--format", "onnx-qdq", "--out", "new"], ["dsodenet-int/1", "quantize"]),
])
def test_what_cannot_be_exported_is_refused(cases, dsodenet, tmp_path, arguments, pieces):
    (tmp_path / "c.safetensors").write_bytes((cases / "dsodenet-t/checkpoint.safetensors").read_bytes())
    (tmp_path / "taken").write_text("mine")
    (tmp_path / "empty").mkdir()
    metadata = {"format": "dsodenet-int/1", "spec": "{}"}
    (tmp_path / "int.safetensors").write_bytes(safetensors_bytes({"__metadata__": metadata}, b""))
    before = contents(tmp_path)
    refused(dsodenet("export", *arguments, "--json"), 2, *pieces)
    assert contents(tmp_path) == before


def test_force_overwrites(cases, dsodenet, tmp_path):
    (tmp_path / "taken").write_text("mine")
    result = dsodenet("export", "--checkpoint", cases / "dsodenet-t/checkpoint.safetensors", "--out", "taken", "--force")
    assert result.returncode == 0
    assert (tmp_path / "taken").stat().st_size > 50_000
