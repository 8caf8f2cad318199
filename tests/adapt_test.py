"""Adaptation sees no target label, keeps source-only among its candidates, and repeats itself by seed."""
import json

import pytest
from conftest import refused
from tiny_sets import write_set

pytestmark = pytest.mark.torch
METHODS = ["source-only", "adabn", "mmd", "coral", "dann", "shot"]


@pytest.fixture
def target(run, tmp_path):
    """The spec of an inverted set beside the run; its labels file can be damaged by the test."""
    return write_set(tmp_path / "target", seed=2, invert=True)


@pytest.fixture
def adapt(dsodenet, target):
    def adapt(out, *more):
        return dsodenet("adapt", "--checkpoint", "run", "--target", target, "--epochs", 2, "--threads", 1, "--out", out,
                        "--json", *more)

    return adapt


def candidates(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_target_labels_cannot_reach_the_adapted_model(adapt, tmp_path):
    labels = tmp_path / "target-labels.idx.gz"
    assert adapt("with").returncode == 0
    labels.write_bytes(b"no labels at all")
    assert adapt("damaged").returncode == 0
    labels.unlink()
    assert adapt("without").returncode == 0
    weights = {(tmp_path / out / "best.safetensors").read_bytes() for out in ("with", "damaged", "without")}
    assert len(weights) == 1


def test_eval_data_changes_no_choice(adapt, target, tmp_path):
    blind, judged = adapt("blind"), adapt("judged", "--eval-data", target)
    assert (blind.json["adapted"], blind.json["oracle_best"]) == (None, None)
    assert judged.json["adapted"] is not None
    assert blind.json["chosen"] == judged.json["chosen"]
    assert candidates(tmp_path / "blind") == candidates(tmp_path / "judged")


@pytest.mark.parametrize("method", METHODS)
def test_source_only_is_always_a_candidate(adapt, target, tmp_path, method):
    result = adapt("out", "--method", method, "--source", "idx:tiny", "--eval-data", target, "--epochs", 1)
    assert result.returncode == 0, result.stderr
    lines = candidates(tmp_path / "out")
    assert lines[0]["candidate"] == "source-only"
    assert len(lines) == 2
    assert result.json["method"] == method
    assert min(result.json["source_only"], result.json["adapted"]) >= 0
    assert result.json["oracle_best"] >= result.json["source_only"]


@pytest.mark.parametrize("selector", ["bnm", "im", "class-ami", "source-val"])
def test_the_chosen_candidate_has_the_best_score(adapt, tmp_path, selector):
    result = adapt("out", "--select", selector, "--source", "idx:tiny")
    assert result.json["selected_by"] == selector
    lines = candidates(tmp_path / "out")
    best = max(line[selector] for line in lines)
    assert [line[selector] for line in lines if line["candidate"] == result.json["chosen"]] == [best]


def test_a_seed_repeats_itself_and_another_does_not(adapt, tmp_path):
    for out, seed in [("a", 1), ("b", 1), ("c", 2)]:
        assert adapt(out, "--seed", seed).returncode == 0
    last = {out: (tmp_path / out / "last.safetensors").read_bytes() for out in "abc"}
    assert last["a"] == last["b"]
    assert last["a"] != last["c"]


def test_evaluation_data_with_labels_of_another_set_is_refused(adapt, tmp_path):
    (tmp_path / "target-labels.idx.gz").unlink()
    refused(adapt("out", "--eval-data", f"idx:{tmp_path}/target"), 2, "target-labels.idx.gz")
