"""The integer model of a trained one: its folder, keys, size and bits, what runs it, and what is refused."""
import json

import numerics
import numpy as np
import pytest
from conftest import contents, refused, small_files_only
from tiny_sets import TINY, idx_bytes, safetensors_bytes, safetensors_parts, write_gz, write_set

pytestmark = pytest.mark.torch

QUANTIZE = ["quantize", "--checkpoint", "run", "--data", "idx:tiny", "--threads", 1, "--sensitivity-images", 4]


@pytest.fixture
def integer(run, dsodenet, tmp_path):
    """The folder `int` beside `run`: its integer model. Returns what quantize printed."""
    result = dsodenet(*QUANTIZE, "--out", "int", "--json")
    assert result.returncode == 0, result.stderr
    return result


def spec_of(path):
    return json.loads(safetensors_parts(path.read_bytes())[0]["__metadata__"]["spec"])


def size_bound(spec):
    """Bytes of an artifact at most: 1 a weight, 24 a channel of a norm and evaluation (a scale of 2, biases of 4 there
    and at the convolution, multipliers of 2 and the like), and 8 kB for the header."""
    channels, widths = spec["input"][2], spec["widths"]
    evaluations = spec["steps"] * {"euler": 1, "midpoint": 2}[spec["solver"]]
    weights = 9 * channels * widths[0] + widths[-1] * len(spec["classes"])
    weights += sum(2 * (9 * width + width**2) for width in widths)
    weights += sum(9 * before + before * after for before, after in zip(widths, widths[1:]))
    norms = sum(widths) + widths[-1] + sum(2 * evaluations * width for width in widths)
    return weights + 24 * norms + 8192


def test_the_folder_and_keys_of_the_contract(integer, tmp_path):
    names = {path.name for path in (tmp_path / "int").iterdir()}
    assert names == {"model.safetensors", "config.toml", "results.json"}
    keys = {"accuracy_float", "accuracy_int", "n", "bytes", "model", "data", "weight_bits", "act_bits", "state_bits",
            "out", "seconds"}
    assert keys <= integer.json.keys()
    assert integer.json["accuracy_float"] is integer.json["accuracy_int"] is None
    assert (integer.json["n"], integer.json["weight_bits"], integer.json["state_bits"]) == (0, 8, 16)
    assert integer.json["bytes"] == (tmp_path / "int/model.safetensors").stat().st_size
    assert json.loads((tmp_path / "int/results.json").read_text()) == integer.json
    assert "layer quantised alone" in integer.stdout


def test_the_size_is_a_byte_a_weight(integer, dsodenet, tmp_path):
    assert integer.json["bytes"] <= size_bound(spec_of(tmp_path / "int/model.safetensors"))
    published = ["--model", "dsodenet-t", "--input", "12,12,1"]
    trained = dsodenet("train", "--data", "idx:tiny", *published, "--epochs", 1, "--threads", 1, "--out", "t")
    assert trained.returncode == 0, trained.stderr
    result = dsodenet("quantize", "--checkpoint", "t", "--data", "idx:tiny", "--out", "t-int", "--json")
    spec = spec_of(tmp_path / "t-int/model.safetensors")
    assert spec["widths"] == [16, 32, 64] and spec["steps"] == 4
    assert result.json["bytes"] <= size_bound(spec)


def test_accuracies_are_those_of_eval(run, dsodenet):
    result = dsodenet(*QUANTIZE, "--out", "int", "--eval-data", "idx:tiny", "--eval-limit", 100, "--json").json
    floats, integers = (dsodenet("eval", "--checkpoint", folder, "--data", "idx:tiny", "--limit", 100, "--json").json
                        for folder in ("run", "int"))
    assert result["n"] == floats["n"] == integers["n"] == 100
    assert (result["accuracy_float"], result["accuracy_int"]) == (floats["accuracy"], integers["accuracy"])


def test_engines_agree(integer, dsodenet):
    def evaluated(checkpoint, engine):
        return dsodenet("eval", "--checkpoint", checkpoint, "--data", "idx:tiny", "--engine", engine, "--json").json

    assert evaluated("run", "run")["accuracy"] == pytest.approx(evaluated("run", "auto")["accuracy"], abs=1)
    assert evaluated("run", "bf16")["accuracy"] == pytest.approx(evaluated("run", "run")["accuracy"], abs=1)
    assert [evaluated("run", engine)["engine"] for engine in ("run", "bf16")] == ["run", "bf16"]
    golden, int8 = evaluated("int", "golden"), evaluated("int", "int8")
    assert (golden.pop("engine"), int8["engine"]) == ("golden", "int8")
    assert evaluated("int", "auto") == evaluated("int/model.safetensors", "auto") == int8
    int8.pop("engine")
    assert int8 == golden


@pytest.mark.parametrize("options", [[], ["--weight-bits", 4], ["--act-bits", 5, "--state-bits", 9]])
def test_a_trace_is_numpys_in_every_bit(run, dsodenet, tmp_path, options):
    assert dsodenet(*QUANTIZE, "--out", "int", *options).returncode == 0
    result = dsodenet("predict", "--checkpoint", "int", "--data", "idx:tiny", "--limit", 20, "--trace", "trace",
                      "--out", "labels.csv", "--json")
    assert result.json["n"] == 20
    model, trace = numerics.Model(tmp_path / "int/model.safetensors"), numerics.read_safetensors(tmp_path / "trace")[1]
    elements, differing, first = numerics.compare(model, trace)
    assert (elements > 10_000, differing) == (True, 0), first
    labels = [int(line.split(",")[1]) for line in (tmp_path / "labels.csv").read_text().split()[1:]]
    assert labels == trace["scores"].argmax(1).tolist()


@pytest.mark.parametrize("options", [[], ["--weight-bits", 4]])
def test_maps_of_the_kernels_are_the_golden_interpreters(run, dsodenet, tmp_path, options):
    assert dsodenet(*QUANTIZE, "--out", "int", *options).returncode == 0
    command = ["eval", "--data", "idx:tiny", "--limit", 5, "--check-maps", "--json"]
    result = dsodenet(*command, "--checkpoint", "int")
    assert result.returncode == 0, result.stderr
    predict = ["predict", "--checkpoint", "int", "--data", "idx:tiny", "--limit", 5, "--trace", "trace", "--out", "p"]
    assert dsodenet(*predict).returncode == 0
    trace = numerics.read_safetensors(tmp_path / "trace")[1]
    elements = sum(values.size for name, values in trace.items() if name != "pixels")
    assert (result.json["compared"], result.json["differing"]) == (elements, 0)
    assert f"0 of {elements:,} values differ" in result.stdout
    for model in (["--checkpoint", "int", "--engine", "golden"], ["--checkpoint", "run"]):
        refused(dsodenet(*command, *model), 2, "--check-maps: engine", "dsodenet quantize")


def test_fewer_bits_are_in_the_artifact(run, dsodenet, tmp_path):
    result = dsodenet(*QUANTIZE, "--out", "int", "--weight-bits", 4, "--act-bits", 5, "--state-bits", 10, "--json").json
    assert (result["weight_bits"], result["act_bits"], result["state_bits"]) == (4, 5, 10)
    metadata, tensors = numerics.read_safetensors(tmp_path / "int/model.safetensors")
    numbers = json.loads(metadata["numbers"])
    assert (numbers["weight_bits"], numbers["activation_bits"], numbers["state_bits"]) == (4, 5, 10)
    weights = np.concatenate([values.ravel() for name, values in tensors.items() if name.endswith(".weight")])
    assert np.abs(weights.astype(int)).max() == 7


def test_quantizing_again_gives_the_same_bytes(integer, dsodenet, tmp_path):
    first = (tmp_path / "int/model.safetensors").read_bytes()
    for options in (["--checkpoint", "run/best.safetensors", "--data", "idx:tiny", "--threads", 2],
                    ["--config", "int/config.toml"]):
        assert dsodenet("quantize", *options, "--out", "again", "--force").returncode == 0
        assert (tmp_path / "again/model.safetensors").read_bytes() == first


@pytest.mark.parametrize("labels", [["--source", "idx:tiny"], []], ids=["labels", "distillation"])
def test_fine_tuning_gives_a_model_of_the_same_arithmetic(run, dsodenet, tmp_path, labels):
    command = [*QUANTIZE, "--qat", "--epochs", 1, *labels, "--weight-bits", 4, "--eval-data", "idx:tiny", "--json"]
    result = dsodenet(*command, "--out", "int")
    assert result.returncode == 0, result.stderr
    assert 0 <= result.json["accuracy_int"] <= 100
    plain = dsodenet(*QUANTIZE, "--weight-bits", 4, "--out", "plain")
    assert plain.returncode == 0
    models = [(tmp_path / folder / "model.safetensors").read_bytes() for folder in ("int", "plain")]
    assert models[0] != models[1]
    predict = ["predict", "--checkpoint", "int", "--data", "idx:tiny", "--out", "labels.csv", "--trace", "trace"]
    assert dsodenet(*predict).returncode == 0
    assert numerics.main([str(tmp_path / "int/model.safetensors"), str(tmp_path / "trace")]) == 0
    assert dsodenet(*command, "--out", "again").returncode == 0
    assert (tmp_path / "again/model.safetensors").read_bytes() == models[0]


@pytest.mark.parametrize("options, pieces", [
    (["--model", "odenet-t"], ["odenet"]), (["--norm", "gn"], ["norm gn", "bn-per-step"]),
    (["--solver", "rk4"], ["solver rk4", "euler"]),
])
def test_a_model_without_an_integer_form(dsodenet, tmp_path, options, pieces):
    data = write_set(tmp_path / "tiny")
    assert dsodenet("train", "--data", data, *TINY, "--epochs", 1, "--out", "run", *options).returncode == 0
    before = contents(tmp_path)
    refused(dsodenet(*QUANTIZE, "--out", "int", "--json"), 2, *pieces)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("options, pieces", [
    (["--weight-bits", 3], ["--weight-bits: 3", "4 to 8"]),
    (["--weight-bits", 9], ["--weight-bits: 9"]),
    (["--act-bits", 3], ["--act-bits: 3"]),
    (["--act-bits", "eight"], ["--act-bits", "'eight'"]),
    (["--state-bits", 7], ["--state-bits: 7", "8 to 16"]),
    (["--state-bits", 17], ["--state-bits: 17"]),
    (["--percentile", 50], ["--percentile: 50"]),
    (["--percentile", "nan"], ["--percentile"]),
    (["--ranges", "mee"], ["--ranges", "'mse'"]),
    (["--eval-data", "minst"], ["'minst'", "'mnist'"]),
    (["--checkpoint", "nowhere"], ["nowhere", "cannot open"]),
    (["--checkpoint", "tiny-images.idx.gz"], ["tiny-images.idx.gz", "safetensors"]),
    (["--checkpoint", ""], ["--checkpoint: missing"]),
    (["--data", ""], ["--data: missing"]),
    (["--data", "idx:nothing"], ["nothing"]),
    (["--out", "run"], ["--out run", "own folder"]),
])
def test_a_wrong_option(dsodenet, run, tmp_path, options, pieces):
    before = contents(tmp_path)
    refused(dsodenet(*QUANTIZE, "--out", "int", "--json", *options), 2, *pieces)
    assert contents(tmp_path) == before


def test_images_that_say_nothing(dsodenet, run, tmp_path):
    write_gz(tmp_path / "grey-images.idx.gz", idx_bytes(np.full((20, 12, 12), 7)))
    write_gz(tmp_path / "grey-labels.idx.gz", idx_bytes(np.arange(20) % 3))
    before = contents(tmp_path)
    refused(dsodenet(*QUANTIZE, "--out", "int", "--data", "idx:grey", "--json"), 2, "idx:grey", "every pixel is 7")
    assert contents(tmp_path) == before


def test_a_model_for_another_engine(integer, dsodenet, tmp_path):
    before = contents(tmp_path)
    file, on_tiny = "int/model.safetensors", ["--data", "idx:tiny", "--json"]
    again = [*QUANTIZE, "--out", "again", "--json", "--checkpoint"]
    refused(dsodenet(*again, "int"), 2, "int: the folder has no best.safetensors", "train")
    refused(dsodenet(*again, file), 2, file, "format is dsodenet-int/1", "train")
    refused(dsodenet("eval", "--checkpoint", "run", "--engine", "golden", *on_tiny), 2, "best.safetensors",
            "precision fp32, not int8", "dsodenet quantize")
    for engine in ("torch", "run"):
        refused(dsodenet("eval", "--checkpoint", "int", "--engine", engine, *on_tiny), 2, file, f"engine {engine}",
                "--engine int8")
    refused(dsodenet("eval", "--checkpoint", "int", "--statistics", "batch", *on_tiny), 2, "--statistics batch",
            "int8")
    refused(dsodenet("adapt", "--checkpoint", file, "--target", "idx:tiny", "--out", "a", "--json"), 2, file,
            "format is dsodenet-int/1")
    predict = ["predict", "--checkpoint", "run", *on_tiny, "--out", "labels.csv", "--trace", "trace"]
    refused(dsodenet(*predict), 2, "--trace: engine", "dsodenet quantize")
    assert contents(tmp_path) == before


def test_a_trace_is_not_overwritten_without_force(integer, dsodenet, tmp_path):
    (tmp_path / "trace").write_text("mine")
    command = ["predict", "--checkpoint", "int", "--data", "idx:tiny", "--json"]
    command += ["--out", "labels.csv", "--trace", "trace"]
    refused(dsodenet(*command), 2, "--trace trace", "--force")
    assert (tmp_path / "trace").read_text() == "mine"
    assert not (tmp_path / "labels.csv").exists()
    assert dsodenet(*command, "--force").returncode == 0


@pytest.mark.parametrize("damage, pieces", [
    (lambda data: data[:len(data) // 2], ["offset"]),
    (lambda data: data[:-1], ["offset"]),
    (lambda data: b"", []),
    (lambda data: data.replace(b"head.linear.bias", b"head.linear.bibs"), ["head.linear.bias"]),
    (lambda data: data.replace(b"dsodenet-int/1", b"dsodenet-int/9"), ["format is dsodenet-int/9", "dsodenet-int/1"]),
    (lambda data: data.replace(b'\\"weight_bits\\":8', b'\\"weight_bits\\":4'), ["weight", "beyond +-7"]),
], ids=["truncated", "cut by a byte", "empty", "tensor renamed", "format of tomorrow", "fewer bits"])
def test_a_damaged_model(integer, dsodenet, tmp_path, damage, pieces):
    path = tmp_path / "int/model.safetensors"
    damaged = damage(path.read_bytes())
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    before = contents(tmp_path)
    for command in (["eval"], ["predict", "--out", "labels.csv"]):
        result = dsodenet(*command, "--checkpoint", "int", "--data", "idx:tiny", "--json")
        refused(result, 2, "int/model.safetensors", *pieces)
    assert contents(tmp_path) == before


def test_a_folder_that_is_not_empty_is_refused_without_force(integer, dsodenet, tmp_path):
    before = contents(tmp_path)
    refused(dsodenet(*QUANTIZE, "--out", "int", "--weight-bits", 4, "--json"), 2, "--out int", "not empty", "--force")
    assert contents(tmp_path) == before
    assert dsodenet(*QUANTIZE, "--out", "int", "--weight-bits", 4, "--force").returncode == 0
    assert "weight_bits = 4" in (tmp_path / "int/config.toml").read_text()


def test_no_space_for_the_model_leaves_the_old_one(integer, dsodenet, tmp_path):
    before = contents(tmp_path)
    result = dsodenet(*QUANTIZE, "--out", "int", "--weight-bits", 4, "--force", "--json", preexec_fn=small_files_only)
    refused(result, 1, "int/model.safetensors", "cannot write", "disk space")
    assert contents(tmp_path) == before


def test_scores_that_differ_by_less_than_a_float_can_hold(integer, dsodenet, tmp_path):
    path = tmp_path / "int/model.safetensors"
    header, body = safetensors_parts(path.read_bytes())

    def tensor(name, dtype):
        begin, end = header[f"head.linear.{name}"]["data_offsets"]
        return np.frombuffer(body, dtype, (end - begin) // np.dtype(dtype).itemsize, begin)

    weight = tensor("weight", "<i1").reshape(-1, 3)
    weight[:, 1] = weight[:, 0]
    tensor("bias", "<i4")[:] = [2**26 - 2**18, 2**26 - 2**18 + 1, 0]
    tensor("multiplier", "<u2")[:] = 60
    ops = json.loads(header["__metadata__"]["ops"])
    ops[-1]["shift"] = 1
    header["__metadata__"]["ops"] = json.dumps(ops)
    path.write_bytes(safetensors_bytes(header, body))
    result = dsodenet("eval", "--checkpoint", "int", "--data", "idx:tiny", "--json").json
    assert [sum(column) for column in zip(*result["confusion"])] == [0, 120, 0]
