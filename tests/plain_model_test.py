"""The plain loops of bench/a53, run by tools/plain_model.py, against the golden interpreter and `dsodenet info`."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import plain_model  # noqa: E402

COMPILERS = [name for name in ("g++", "clang++-14") if shutil.which(name)]


@pytest.fixture(scope="module", params=COMPILERS)
def loops(request, tmp_path_factory):
    return plain_model.compile_loops(request.param, tmp_path_factory.mktemp("loops") / "loops.so")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """written("dsodenet-t") or written(0, 10) -> the folder of the models."""
    program = os.environ.get("DSODENET_VECTORS")
    if not program:
        pytest.skip("set DSODENET_VECTORS to the built write_vectors")

    def write(*arguments):
        folder = tmp_path_factory.mktemp("models")
        subprocess.run([program, folder, *map(str, arguments)], check=True)
        return folder

    return write


def differing(loops, folder):
    """(how many maps were compared, those that differ) of a model and its trace."""
    plan = plain_model.Plan(folder / "model.safetensors")
    _, trace = plain_model.read_safetensors(folder / "trace.safetensors")
    (images, *shape), pixels = trace["pixels"]
    compared, wrong = 0, []

    def part(name, i, count):
        values = trace[name][1]
        size = len(values) // (images * count)
        return lambda k: list(values[(i * count + k) * size:(i * count + k + 1) * size])

    for i in range(images):
        def observe(step):
            nonlocal compared
            if step.result is None:
                return
            name = step.op["name"]
            compared += 1
            if step.result.values() != part(name, i, trace[name][0][1])(step.evaluation):
                wrong.append((name, step.evaluation))

        scores = plan.run(loops, part("pixels", i, 1)(0), observe)
        compared += 1
        if scores != part("scores", i, 1)(0) or scores != plan.run(loops, part("pixels", i, 1)(0)):
            wrong.append("scores")
    return compared, wrong


def test_every_map_of_generated_models_equals_the_golden_interpreter(loops, written):
    folder, count, kernels = written(0, 60), 0, set()
    for seed in range(60):
        compared, wrong = differing(loops, folder / str(seed))
        assert not wrong, seed
        count += compared
        kernels |= {step.kernel for step in plain_model.Plan(folder / str(seed) / "model.safetensors").steps}
    assert count > 1000
    assert kernels == set(plain_model.KERNELS)  # those for few shifts too


def test_a_named_model_equals_the_golden_interpreter(loops, written):
    compared, wrong = differing(loops, written("dsodenet-t"))
    assert compared > 100 and not wrong


@pytest.mark.parametrize("model", ["dsodenet-t", "dsodenet-b"])
def test_a_plan_does_the_multiplications_that_info_counts(dsodenet, written, model):
    plan = plain_model.Plan(written(model) / "model.safetensors")
    result = dsodenet("info", "--model", model, "--json")
    assert sum(step.macs for step in plan.steps) == result.json["macs"]


def test_the_innermost_loops_go_round_for_each_multiplication(written):
    # All sizes of dsodenet-b are whole blocks: 4 pixels of 16 channels, or 9 taps of 16.
    in_a_trip = {"pwconv": (2, 64), "increment": (2, 64), "dwconv": (2, 144)}
    for step in plain_model.Plan(written("dsodenet-b") / "model.safetensors").steps:
        if step.kernel in in_a_trip:
            loop, macs = in_a_trip[step.kernel]
            assert step.trips[loop] * macs == step.macs, step.op["name"]
