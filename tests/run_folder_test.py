"""What users and scripts rely on: JSON keys, streams, the run folder, configuration files, refusal to overwrite."""
import json
import math

import pytest
from conftest import contents, last_line_json, refused
from tiny_sets import TINY, safetensors_parts, safetensors_tensor, write_set

pytestmark = pytest.mark.torch


def test_training_leaves_the_run_folder_of_the_contract(run, tmp_path):
    assert run.returncode == 0, run.stderr
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"config.toml", "metrics.jsonl", "best.safetensors", "last.safetensors", "results.json"} <= names
    assert sum(name.startswith("events.out.tfevents.") for name in names) == 1
    assert not any(".tmp" in name for name in names)
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1]
    assert {"loss", "train_accuracy", "validation_accuracy", "lr"} <= lines[0].keys()


def test_training_prints_its_result_as_the_last_line(run, tmp_path):
    wanted = {"accuracy", "epochs", "seconds", "images_per_second", "peak_rss_mb"}
    assert wanted <= run.json.keys()
    assert all(math.isfinite(run.json[key]) for key in wanted)
    assert 0 <= run.json["accuracy"] <= 100
    assert json.loads((tmp_path / "run/results.json").read_text()) == run.json


def test_logs_go_to_stderr_and_quiet_silences_them(run, dsodenet):
    assert "epoch 1/1" in run.stderr
    assert "epoch 1/1" not in run.stdout
    quiet = dsodenet("train", "--data", "idx:tiny", *TINY, "--epochs", 1, "--out", "quiet", "--quiet")
    assert (quiet.returncode, quiet.stderr) == (0, "")


def test_kernels_say_how_a_training_is_computed(dsodenet, tmp_path):
    """What the kernels round goes another way; libtorch alone and the kernels in floats differ in rounding only."""
    data, losses = write_set(tmp_path / "tiny"), {}
    for kernels in ("on", "bf16", "off"):
        trained = dsodenet("train", "--data", data, *TINY, "--widths", "16,32", "--epochs", 1, "--kernels", kernels,
                           "--out", kernels)
        assert trained.returncode == 0, trained.stderr
        losses[kernels] = json.loads((tmp_path / kernels / "metrics.jsonl").read_text().splitlines()[0])["loss"]
    assert losses["on"] == pytest.approx(losses["off"], rel=1e-3)
    assert losses["bf16"] == pytest.approx(losses["off"], rel=0.1)
    assert losses["bf16"] != losses["on"]


def test_without_json_stdout_is_for_people(dsodenet):
    result = dsodenet("info", "--model", "dsodenet-t")
    assert result.json is None
    assert "stage1" in result.stdout


def test_info_has_the_keys_of_the_contract(dsodenet):
    info = dsodenet("info", "--model", "dsodenet-t", "--json").json
    for key in ("params", "params_core", "macs", "core_reduction_vs_odenet", "core_reduction_vs_resnet"):
        assert isinstance(info[key], (int, float)), key
    assert info["params"] <= 60_000
    assert info["core_reduction_vs_odenet"] >= 85


def test_eval_has_the_keys_of_the_contract(run, dsodenet):
    result = dsodenet("eval", "--checkpoint", "run", "--data", "idx:tiny", "--json").json
    assert {"accuracy", "n", "params", "params_core", "macs", "confusion"} <= result.keys()
    confusion = result["confusion"]
    assert (len(confusion), sum(map(sum, confusion)), result["n"]) == (3, 120, 120)
    right = sum(confusion[i][i] for i in range(3))
    assert result["accuracy"] == pytest.approx(100 * right / 120)
    assert result["params"] == run.json["params"]


def test_adapt_has_the_keys_of_the_contract(run, dsodenet, tmp_path):
    target = write_set(tmp_path / "target", seed=2, invert=True)
    result = dsodenet("adapt", "--checkpoint", "run", "--target", target, "--epochs", 1, "--threads", 1,
                      "--eval-data", target, "--out", "adapted", "--json").json
    assert {"source_only", "adapted", "oracle_best", "selected_by", "method", "seconds"} <= result.keys()
    assert result["method"] == "shot"
    assert result["oracle_best"] >= max(result["source_only"], result["adapted"])
    names = {path.name for path in (tmp_path / "adapted").iterdir()}
    assert {"config.toml", "metrics.jsonl", "best.safetensors", "last.safetensors", "results.json"} <= names
    again = dsodenet("eval", "--checkpoint", "adapted", "--data", target, "--json").json
    assert again["accuracy"] == result["adapted"]


def test_a_checkpoint_is_a_run_folder_or_a_file(run, dsodenet):
    folder = dsodenet("eval", "--checkpoint", "run", "--data", "idx:tiny", "--json")
    file = dsodenet("eval", "--checkpoint", "run/best.safetensors", "--data", "idx:tiny", "--json")
    assert folder.json == file.json != None  # noqa: E711


def test_a_folder_that_is_not_empty_is_refused_without_force(run, dsodenet, tmp_path):
    before = contents(tmp_path / "run")
    arguments = ["train", "--data", "idx:tiny", *TINY, "--epochs", 1, "--out", "run", "--seed", 2]
    refused(dsodenet(*arguments), 2, "--out run", "not empty", "--force")
    assert contents(tmp_path / "run") == before
    assert dsodenet(*arguments, "--force").returncode == 0
    assert "seed = 2" in (tmp_path / "run/config.toml").read_text()


def test_force_leaves_nothing_of_the_run_before(run, dsodenet, tmp_path):
    (tmp_path / "run/report.html").write_text("of another run")
    assert dsodenet("train", "--data", "idx:tiny", *TINY, "--epochs", 1, "--out", "run", "--force").returncode == 0
    names = [path.name for path in (tmp_path / "run").iterdir()]
    assert "of another run" not in (tmp_path / "run/report.html").read_text()
    assert sum(name.startswith("events.out.tfevents.") for name in names) == 1


def test_a_file_as_out_is_refused(dsodenet, tmp_path):
    (tmp_path / "taken").write_text("mine")
    refused(dsodenet("train", "--data", "idx:tiny", *TINY, "--out", "taken"), 2, "--out taken", "file")
    assert (tmp_path / "taken").read_text() == "mine"


def test_options_may_be_written_as_key_value(dsodenet):
    flags = dsodenet("info", "--model", "dsodenet-s", "--widths", "8,16", "--batch-size", 7, "--json")
    pairs = dsodenet("info", "model=dsodenet-s", "widths=8,16", "batch_size=7", "json=true")
    dashes = dsodenet("info", "--model=dsodenet-s", "--widths=8,16", "--batch_size=7", "--json")
    assert flags.json == pairs.json == dashes.json != None  # noqa: E711


def test_a_configuration_file_is_flat_toml_and_the_command_line_wins(dsodenet, tmp_path):
    (tmp_path / "my.toml").write_text('model = "dsodenet-s"\nwidths = [8, 16]\nsteps = 3\n')
    file = dsodenet("info", "--config", "my.toml", "--steps", 5, "--json")
    line = dsodenet("info", "--model", "dsodenet-s", "--widths", "8,16", "--steps", 5, "--json")
    assert file.json == line.json != None  # noqa: E711


@pytest.mark.parametrize("text, pieces", [
    ("step = 3\n", ["my.toml: step", "'steps'"]),
    ("steps = 'many'\n", ["my.toml: steps", "'many'", "whole number"]),
    ("steps = 2.5\n", ["my.toml: steps", "'2.5'"]),
    ("[train]\nsteps = 3\n", ["my.toml: train", "flat"]),
    ("steps = \n", ["my.toml:1"]),
    ("widths = [4, 'x']\n", ["my.toml: widths", "'x'"]),
    ("norm = 'bm'\n", ["my.toml: norm", "'bn'"]),
])
def test_a_faulty_configuration_file_is_named_with_its_key(dsodenet, tmp_path, text, pieces):
    (tmp_path / "my.toml").write_text(text)
    refused(dsodenet("info", "--config", "my.toml", "--json"), 2, *pieces)


def test_the_configuration_of_a_run_makes_the_same_run(run, dsodenet, tmp_path):
    again = dsodenet("train", "--config", "run/config.toml", "--out", "again", "--json")
    assert again.json["accuracy"] == run.json["accuracy"]
    for name in ("config.toml", "best.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "run" / name).read_bytes(), name


def test_another_seed_is_another_run(run, dsodenet, tmp_path):
    other = dsodenet("train", "--data", "idx:tiny", *TINY, "--epochs", 1, "--out", "other", "--seed", 2, "--json")
    assert other.json["seed"] == 2
    weights = [safetensors_tensor((tmp_path / folder / "best.safetensors").read_bytes(), "classifier.weight")
               for folder in ("run", "other")]
    assert (weights[0] != weights[1]).any()


def test_help_names_verbs_and_options(dsodenet):
    for arguments, words in [(["--help"], ["train", "adapt", "eval", "info", "--version"]), ([], ["train", "adapt"]),
                             (["train", "--help"], ["--batch-size", "--data-dir", "--resume", "--config"])]:
        result = dsodenet(*arguments)
        assert (result.returncode, result.stderr) == (0, "")
        for word in words:
            assert word in result.stdout


def test_checkpoints_carry_what_a_model_needs(run, tmp_path):
    header, _ = safetensors_parts((tmp_path / "run/best.safetensors").read_bytes())
    metadata = header.pop("__metadata__")
    spec = json.loads(metadata["spec"])
    assert metadata["format"] == "dsodenet-checkpoint/1"
    assert spec["input"] == [12, 12, 1]
    assert spec["classes"] == ["0", "1", "2"]
    assert {"layout", "normalization", "resize", "widths", "steps", "solver"} <= spec.keys()
    assert all(tensor["dtype"] == "F32" for tensor in header.values())


def test_pythons_safetensors_opens_a_checkpoint(run, tmp_path):
    safetensors = pytest.importorskip("safetensors", reason="`./dev setup` brings Python's safetensors")
    path = tmp_path / "run/best.safetensors"
    with safetensors.safe_open(path, framework="numpy") as file:
        assert json.loads(file.metadata()["spec"])["family"] == "dsodenet"
        for name in file.keys():
            assert (file.get_tensor(name) == safetensors_tensor(path.read_bytes(), name)).all(), name


def test_the_last_line_is_the_only_json(run):
    assert [last_line_json(line) for line in run.stdout.splitlines()[:-1]] == [None] * (len(run.stdout.splitlines()) - 1)
