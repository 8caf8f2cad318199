"""The accelerator's image of an integer model, its folder and keys, what simulates it, and what is refused."""
import json
import os
import shutil
import subprocess

import numpy as np
import pytest
from conftest import contents, refused
from tiny_sets import DAMAGES, idx_bytes, safetensors_parts, write_gz

TARGET = ["--target", "grid-4x4x1"]


def spec_of(folder):
    return json.loads(safetensors_parts((folder / "model.safetensors").read_bytes())[0]["__metadata__"]["spec"])


@pytest.fixture(scope="session")
def vectors(tmp_path_factory):
    """Folders of generated integer models with grey inputs and without a time bias, smallest first."""
    program = os.environ.get("DSODENET_VECTORS")
    if not program:
        pytest.skip("set DSODENET_VECTORS to the built write_vectors")
    folder = tmp_path_factory.mktemp("vectors")
    subprocess.run([program, folder, "0", "24"], check=True)
    fitting = [path for path in folder.iterdir() if spec_of(path)["time"] == "none" and spec_of(path)["input"][2] == 1]
    return sorted(fitting, key=lambda path: (path / "model.safetensors").stat().st_size)


@pytest.fixture
def model(vectors, tmp_path):
    """The folder `int` in the test's own: an integer model; beside it `set`, six images for it."""
    shutil.copytree(vectors[0], tmp_path / "int")
    height, width, _ = spec_of(tmp_path / "int")["input"]
    images = np.random.default_rng(1).integers(0, 256, (6, height, width))
    classes = len(spec_of(tmp_path / "int")["classes"])
    for name, values in ("images", images), ("labels", (classes - 1 - np.arange(6)) % classes):
        write_gz(tmp_path / f"set-{name}.idx.gz", idx_bytes(values))
    return tmp_path / "int"


@pytest.fixture
def image(model, dsodenet):
    """The folder `image`: that model for the small target. Returns what compile printed."""
    result = dsodenet("compile", "--model", "int", *TARGET, "--out", "image", "--json")
    assert result.returncode == 0, result.stderr
    return result


def simulate(dsodenet, *more):
    return dsodenet("simulate", "--image", "image", "--data", "idx:set", "--images", 4, "--json", *more)


def test_the_folder_and_keys_of_an_image(image, tmp_path):
    names = {path.name for path in (tmp_path / "image").iterdir()}
    assert {"model.bin", "model.safetensors", "config.json", "dsode_cfg_pkg.sv", "results.json"} <= names
    keys = {"model", "target", "macs_per_cycle", "passes", "cycles", "cycles_per_image", "bytes", "out"}
    assert keys <= image.json.keys()
    assert (image.json["target"], image.json["macs_per_cycle"]) == ("grid-4x4x1", 16)
    assert image.json["bytes"] == (tmp_path / "image/model.bin").stat().st_size
    written = json.loads((tmp_path / "image/results.json").read_text())
    assert {key: image.json[key] for key in written} == written
    config = json.loads((tmp_path / "image/config.json").read_text())
    assert (config["format"], config["target"]) == ("dsodenet-accel/1", "grid-4x4x1")
    assert len(config["passes"]) == image.json["passes"]
    for memory in ("weights", "norms", "depthwise filters", "biases and multipliers", "descriptors"):
        assert memory in image.stdout


def test_compiling_again_gives_the_same_bytes(image, dsodenet, tmp_path):
    before = contents(tmp_path / "image")
    again = dsodenet("compile", "--model", "image", *TARGET, "--out", "again")
    assert again.returncode == 0, again.stderr
    for path, data in before.items():
        if path.name != "results.json":
            assert (tmp_path / "again" / path.name).read_bytes() == data, path


def test_a_simulation_is_the_golden_interpreter(image, dsodenet):
    result = simulate(dsodenet)
    assert result.returncode == 0, result.stderr
    keys = {"model", "target", "images", "mismatches", "compared", "cycles", "cycles_per_image", "mac_utilization",
            "multiplier_utilization", "macs", "simulated_cycles_per_second", "seconds"}
    assert keys <= result.json.keys()
    assert (result.json["images"], result.json["mismatches"]) == (4, 0)
    assert result.json["compared"] > 0
    for key in "cycles", "cycles_per_image":
        assert result.json[key] == pytest.approx(image.json[key], rel=0.01, abs=4)


def test_every_map_is_compared_where_asked(image, dsodenet):
    plain, traced, stalled = (simulate(dsodenet, *more).json for more in
                              ([], ["--trace-layers"], ["--trace-layers", "--stall", 0.4]))
    assert plain["mismatches"] == traced["mismatches"] == stalled["mismatches"] == 0
    assert traced["compared"] == stalled["compared"] > 10 * plain["compared"]
    assert traced["cycles_per_image"] == plain["cycles_per_image"]
    assert "differing" in simulate(dsodenet, "--trace-layers").stdout


def test_the_engine_sim_predicts_what_golden_does(image, dsodenet, tmp_path):
    def predicted(*options):
        result = dsodenet("predict", "--data", "idx:set", "--logits", "--out", "p.csv", "--force", *options)
        assert result.returncode == 0, result.stderr
        return (tmp_path / "p.csv").read_text()

    golden = predicted("--checkpoint", "int", "--engine", "golden")
    assert len(golden.splitlines()) == 1 + 6
    assert predicted("--checkpoint", "image", "--engine", "sim", "--threads", 1) == golden
    assert predicted("--checkpoint", "image", "--threads", 4, "--seed", 7) == golden


def test_the_engine_sim_is_as_accurate_as_golden(image, dsodenet):
    def evaluated(checkpoint):
        result = dsodenet("eval", "--checkpoint", checkpoint, "--data", "idx:set", "--json")
        assert result.returncode == 0, result.stderr
        return result.json

    golden, sim, inside = (evaluated(path) for path in ("int", "image", "image/model.safetensors"))
    assert inside == golden
    assert (golden.pop("engine"), sim.pop("engine")) == ("int8", "sim")
    assert sim == golden


@pytest.mark.parametrize("options, pieces", [
    (["--checkpoint", "int", "--engine", "sim"], ["int", "config.json", "`dsodenet compile`"]),
    (["--checkpoint", "int/model.safetensors", "--engine", "sim"], ["int/model.safetensors", "`dsodenet compile`"]),
    (["--checkpoint", "nowhere", "--engine", "sim"], ["nowhere", "`dsodenet compile`"]),
    (["--engine", "golden"], ["image: an accelerator image", "golden", "--engine sim", "image/model.safetensors"]),
    (["--engine", "run"], ["image: an accelerator image", "run", "--engine sim"]),
    (["--engine", "simulation"], ["--engine", "sim"]),
    (["--statistics", "batch"], ["--statistics batch", "sim"]),
])
def test_what_the_engine_sim_refuses(image, dsodenet, options, pieces):
    refused(dsodenet("eval", "--checkpoint", "image", "--data", "idx:set", "--json", *options), 2, *pieces)


def test_a_trace_is_not_the_engine_sims(image, dsodenet, tmp_path):
    before = contents(tmp_path)
    refused(dsodenet("predict", "--checkpoint", "image", "--data", "idx:set", "--out", "p.csv", "--trace", "maps"), 2,
            "--trace", "engine sim", "dsodenet quantize")
    assert contents(tmp_path) == before


def test_a_wave_file_is_not_written_over(image, dsodenet, tmp_path):
    assert simulate(dsodenet, "--images", 1, "--wave", "run.fst").returncode == 0
    assert (tmp_path / "run.fst").stat().st_size > 1000
    refused(simulate(dsodenet, "--images", 1, "--wave", "run.fst"), 2, "--wave", "run.fst")


@pytest.mark.parametrize("options, pieces", [
    ([], ["--model", "quantize"]),
    (["--model", "nowhere"], ["nowhere"]),
    (["--model", "int", "--target", "grid-5x5"], ["--target", "grid-5x5", "grid-4x4x1"]),
    (["--model", "int", "--target", "tiny.toml"], ["tiny.toml", "pk = 5"]),
    (["--model", "int", "--target", "narrow.toml"], ["int: ", "weight_depth", "has 2", "--target"]),
    (["--model", "int", "--out", "int"], ["--out int", "own folder"]),
    (["--model", "int", "--out", "full"], ["full"]),
    (["--model", "int", "--tarject", "x"], ["tarject", "'target'"]),
])
def test_what_compile_refuses(model, dsodenet, tmp_path, options, pieces):
    (tmp_path / "tiny.toml").write_text("pk = 5\n")
    (tmp_path / "narrow.toml").write_text("pc = 4\npk = 4\nlanes = 4\nweight_depth = 2\n")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/kept.txt").write_text("kept")
    before = contents(tmp_path)
    refused(dsodenet("compile", "--out", "image", "--json", *options), 2, *pieces)
    assert contents(tmp_path) == before


def test_force_writes_into_a_folder_that_holds_files(image, dsodenet, tmp_path):
    again = ["compile", "--model", "int", *TARGET, "--out", "image"]
    refused(dsodenet(*again), 2, "image", "--force")
    assert dsodenet(*again, "--force").returncode == 0
    assert simulate(dsodenet).json["mismatches"] == 0


@pytest.mark.parametrize("options, pieces", [
    (["--image", ""], ["--image", "compile"]),
    (["--image", "int"], ["int", "config.json", "compile"]),
    (["--data", ""], ["--data"]),
    (["--data", "idx:nowhere"], ["nowhere"]),
    (["--images", 0], ["--images: 0"]),
    (["--images", 65536], ["--images: 65536"]),
    (["--stall", 1], ["--stall: 1", "0.9"]),
    (["--stall", -0.1], ["--stall"]),
    (["--stall", "often"], ["--stall", "often"]),
])
def test_what_simulate_refuses(image, dsodenet, options, pieces):
    refused(simulate(dsodenet, *options), 2, *pieces)


@pytest.mark.parametrize("name", ["model.bin", "model.safetensors", "config.json"])
@pytest.mark.parametrize("damage", ["truncated", "empty", "middle flipped"])
def test_a_damaged_image_is_named(image, dsodenet, tmp_path, name, damage):
    path = tmp_path / "image" / name
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    refused(simulate(dsodenet), 2, "image/")
    refused(dsodenet("eval", "--checkpoint", "image", "--data", "idx:set"), 2, "image/")


def test_a_target_without_a_simulator_is_named(model, dsodenet, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/target.toml").write_text("pc = 4\npk = 4\nlanes = 4\n")
    result = dsodenet("compile", "--model", "int", "--target", "mine/target.toml", "--out", "image")
    assert result.returncode == 0, result.stderr
    refused(simulate(dsodenet), 2, "mine", "simulator")
    refused(dsodenet("eval", "--checkpoint", "image", "--data", "idx:set"), 2, "mine", "./dev simulator mine")
