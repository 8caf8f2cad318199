"""Hand-computed cases of docs/numerics.md for its NumPy interpreter, numerics.py, on tiny models built here; then the
golden interpreter's maps of generated models against it, bit for bit."""
import json
import os
import subprocess

import numpy as np
import pytest

import numerics
from numerics import Model

STEM = dict(op="conv", name="stem", out=1, shift=1, zero=[0], bias=[0], multiplier=[2],
            weight=np.pad([[1]], 1).reshape(3, 3, 1, 1))  # state = pixel
SAME = dict(op="affine", name="same", rows=1, relu=False, shift=1, scale=[[2]], bias=[[0]])  # signed activation = state
END = {**SAME, "name": "end", "relu": True}  # unsigned activation = state, for the pool of TAIL
TAIL = [dict(op="pool", name="pool", shift=1, multiplier=[1]),
        dict(op="linear", name="linear", out=1, shift=1, weight=[[1]], bias=[0], multiplier=[1])]
FULL = 2**26 - 1


def write(path, metadata, tensors):
    """A safetensors file of (dtype, values) by name."""
    header, data = {"__metadata__": metadata}, b""
    for name, (dtype, values) in tensors.items():
        values = np.asarray(values).astype(numerics.DTYPES[dtype])
        offsets = [len(data), len(data) + values.nbytes]
        header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": offsets}
        data += values.tobytes()
    text = json.dumps(header).encode() + b"   "
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def build(folder, size, ops, bits=(8, 8, 16), channels=1, classes=1):
    """The path of a model of these operations, each a dict of its fields and its tensors."""
    tensors = {}

    def fields(op):
        tensors.update({f"{op['name']}.{k}": (numerics.TENSORS[k], v) for k, v in op.items() if k in numerics.TENSORS})
        kept = {k: v for k, v in op.items() if k not in numerics.TENSORS and k != "body"}
        return {**kept, "body": [fields(part) for part in op["body"]]} if "body" in op else kept

    numbers = dict(zip(("weight_bits", "activation_bits", "state_bits"), bits), logit_scale=1.0)
    parts = {"spec": {"input": [*size, channels], "classes": [str(k) for k in range(classes)]}, "numbers": numbers,
             "ops": [*map(fields, ops)]}
    write(folder / "model", {"format": "dsodenet-int/1", **{k: json.dumps(v) for k, v in parts.items()}}, tensors)
    return folder / "model"


def run(folder, image, ops, **options):
    """All maps, of the one image, of a model with one channel of pixels, image [H][W]."""
    pixels = np.array(image, np.uint8)[None, :, :, None]
    return {name: maps[0] for name, maps in Model(build(folder, pixels.shape[1:3], ops, **options)).run(pixels).items()}


def pointwise(name, to, rows=1, **more):
    """acc = bias, result = acc: what a row adds, without its operand."""
    return {**dict(op="pwconv", name=name, out=1, rows=rows, to=to, timed=False, shift=1, weight=[[0]],
                   bias=[[0]] * rows, multiplier=[[2]] * rows), **more}


RELU = pointwise("relu", "activation")  # between a signed activation and TAIL


def loop(solver, steps, *body):
    return dict(op="ode_loop", name="loop", solver=solver, steps=steps, body=list(body))


@pytest.mark.parametrize("shift, x, expected", [
    (1, [-5, -4, -3, -2, -1, 0, 1, 2, 3], [-2, -2, -1, -1, 0, 0, 1, 1, 2]),
    (2, [-7, -6, -5, -3, -2, 1, 2, 5, 6], [-2, -1, -1, -1, 0, 0, 1, 1, 2]),
    (40, [-2**39 - 1, -2**39, 2**39 - 1, 2**39, -2**42], [-1, 0, 0, 1, -4]),
])
def test_rsh_rounds_half_towards_plus_infinity(shift, x, expected):
    assert numerics.rsh(np.array(x, np.int64), shift).tolist() == expected


@pytest.mark.parametrize("scale, relu, bits, expected", [
    (-1, False, 8, [0, -1, -1, -2, -127]),
    (-2, False, 8, [-1, -2, -3, -5, -128]),
    (2, False, 8, [1, 2, 3, 5, 127]),
    (4, False, 4, [2, 4, 6, 7, 7]),
    (-4, False, 4, [-2, -4, -6, -8, -8]),
    (4, True, 8, [2, 4, 6, 10, 255]),
    (4, True, 3, [2, 4, 6, 7, 7]),
    (-4, True, 8, [0, 0, 0, 0, 0]),
])
def test_affine_rounds_and_clamps(tmp_path, scale, relu, bits, expected):
    ops = [STEM, {**SAME, "scale": [[scale]], "relu": relu}, *[RELU] * (not relu), *TAIL]
    assert run(tmp_path, [[1, 2, 3, 5, 255]], ops, bits=(8, bits, 16))["same"][0, 0, :, 0].tolist() == expected


def test_conv_pads_with_zero_of_the_channel(tmp_path):
    ones = {**STEM, "zero": [100], "weight": np.ones((3, 3, 1, 1))}
    maps = run(tmp_path, np.full((3, 4), 101), [ones, END, *TAIL])
    assert maps["stem"][0, ..., 0].tolist() == [[4, 6, 6, 4], [6, 9, 9, 6], [4, 6, 6, 4]]
    maps = run(tmp_path, np.full((3, 4), 99), [ones, END, *TAIL])
    assert not maps["stem"].any()
    maps = run(tmp_path, [[255] * 2] * 2, [ones, END, *TAIL], bits=(8, 8, 9))
    assert maps["stem"].ravel().tolist() == [255] * 4  # 620 cut to 2^8 - 1


def test_conv_is_the_sum_as_written(tmp_path):
    random = np.random.default_rng(1)
    pixels, weight = random.integers(0, 256, (4, 3, 2)), random.integers(-127, 128, (3, 3, 2, 3))
    zero, bias, multiplier = [7, 200], [-900, 11, 40000], [1, 40000, 65535]
    stem = dict(op="conv", name="stem", out=3, shift=16, zero=zero, weight=weight, bias=bias, multiplier=multiplier)
    ops = [stem, {**END, "scale": [[2] * 3], "bias": [[0] * 3]}, {**TAIL[0], "multiplier": [1] * 3},
           {**TAIL[1], "weight": [[1]] * 3}]
    got = Model(build(tmp_path, (4, 3), ops, channels=2)).run(pixels[None].astype(np.uint8))["stem"][0, 0]
    for y, x, k in np.ndindex(4, 3, 3):
        acc = bias[k]
        for ky, kx, c in np.ndindex(3, 3, 2):
            if 0 <= y + ky - 1 < 4 and 0 <= x + kx - 1 < 3:
                acc += int(weight[ky, kx, c, k]) * (int(pixels[y + ky - 1, x + kx - 1, c]) - zero[c])
        assert got[y, x, k] == min(max((acc * multiplier[k] + 2**15) // 2**16, 0), 32767)


@pytest.mark.parametrize("size, stride, tap, expected", [
    ((3, 5), 2, (0, 0), [[0, 0, 0], [0, 11, 13]]),
    ((3, 5), 2, (1, 1), [[0, 2, 4], [20, 22, 24]]),
    ((3, 5), 2, (2, 2), [[11, 13, 0], [0, 0, 0]]),
    ((4, 4), 2, (0, 0), [[0, 0], [0, 11]]),
    ((4, 4), 2, (2, 2), [[11, 13], [31, 33]]),
    ((2, 3), 1, (0, 1), [[0, 0, 0], [0, 1, 2]]),
    ((2, 3), 1, (1, 2), [[1, 2, 0], [11, 12, 0]]),
])
def test_dwconv_strides(tmp_path, size, stride, tap, expected):
    weight = np.zeros((3, 3, 1))
    weight[tap] = 1
    dwconv = dict(op="dwconv", name="dwconv", stride=stride, shift=1, weight=weight, multiplier=[2])
    image = [[10 * y + x for x in range(size[1])] for y in range(size[0])]
    assert run(tmp_path, image, [STEM, SAME, dwconv, RELU, *TAIL])["dwconv"][0, ..., 0].tolist() == expected


@pytest.mark.parametrize("weight, multiplier, expected", [(-1, 1, -1), (-1, 3, -4), (-127, 2, -128), (127, 2, 127)])
def test_dwconv_rounds_and_clamps(tmp_path, weight, multiplier, expected):
    dwconv = dict(op="dwconv", name="dwconv", stride=1, shift=1, multiplier=[multiplier],
                  weight=np.pad([[weight]], 1).reshape(3, 3, 1))
    assert run(tmp_path, [[3]], [STEM, SAME, dwconv, RELU, *TAIL])["dwconv"].item() == expected


@pytest.mark.parametrize("bias, activation, state", [(-3, 0, 0), (7, 7, 7), (300, 255, 300), (40000, 255, 32767)])
def test_pwconv_clamps(tmp_path, bias, activation, state):
    ops = [STEM, SAME, pointwise("state", "state", bias=[[bias]]), {**SAME, "name": "again"},
           pointwise("activation", "activation", bias=[[bias]]), *TAIL]
    maps = run(tmp_path, [[1]], ops)
    assert (maps["activation"].item(), maps["state"].item()) == (activation, state)


def test_pwconv_sums_over_in(tmp_path):
    stem = {**STEM, "out": 2, "bias": [0, 1], "multiplier": [2, 2], "weight": np.repeat(STEM["weight"], 2, 3)}
    same = {**SAME, "scale": [[2, 2]], "bias": [[0, 0]]}
    pwconv = pointwise("pwconv", "state", out=2, weight=[[1, -2], [3, 4]], bias=[[0, 5]], multiplier=[[1, 2]])
    ops = [stem, same, pwconv, {**same, "name": "end", "relu": True}, {**TAIL[0], "multiplier": [1, 1]},
           {**TAIL[1], "weight": [[1], [1]]}]
    assert run(tmp_path, [[10]], ops)["pwconv"].ravel().tolist() == [22, 29]  # rsh(10 + 33, 1); -20 + 44 + 5


def test_border_classes():
    assert numerics.border_class(3, 4).tolist() == [[0, 1, 1, 2], [3, 4, 4, 5], [6, 7, 7, 8]]
    assert numerics.border_class(2, 2).tolist() == [[0, 2], [6, 8]]
    with pytest.raises(ValueError, match="2 x 2"):
        numerics.border_class(1, 4)


@pytest.mark.parametrize("solver, steps, factors", [("euler", 3, [0, 2, 6]), ("midpoint", 2, [0, 1, 3, 4])])
def test_time_by_border_class(tmp_path, solver, steps, factors):
    """tau is 0, 2, 4 for euler and 0, 1, 2, 3 for midpoint, whose stages both add to the z of their step."""
    timed = pointwise("increment", "increment", timed=True, time=[[c] for c in range(9)])
    maps = run(tmp_path, np.full((3, 3), 50), [STEM, loop(solver, steps, SAME, timed), END, *TAIL])
    for e, factor in enumerate(factors):
        assert maps["increment"][e, ..., 0].tolist() == (50 + factor * np.arange(9).reshape(3, 3)).tolist()


def test_midpoint_selects_rows_and_states(tmp_path):
    affine = {**SAME, "rows": 4, "scale": [[2]] * 4, "bias": [[0], [2], [4], [6]]}  # v + e
    increment = pointwise("increment", "increment", 2, bias=[[10], [1]])
    maps = run(tmp_path, [[5]], [STEM, loop("midpoint", 2, affine, increment), END, *TAIL])
    assert maps["increment"].ravel().tolist() == [15, 6, 16, 7]  # w = 5 + 10, z = 5 + 1, w = 6 + 10, z = 6 + 1
    assert maps["same"].ravel().tolist() == [5, 15 + 1, 6 + 2, 16 + 3]
    assert maps["end"].item() == 7


def test_euler_rounds_and_saturates_increments(tmp_path):
    rows = dict(bias=[[100], [-3], [-300], [-1]], multiplier=[[2], [1], [2], [1]])
    increment = pointwise("increment", "increment", 4, **rows)
    ops = [STEM, loop("euler", 4, SAME, increment), END, *TAIL]
    assert run(tmp_path, [[100]], ops, bits=(8, 8, 8))["increment"].ravel().tolist() == [127, 126, -128, -128]


def test_pool_and_linear(tmp_path):
    linear = dict(op="linear", name="linear", out=4, shift=1, weight=[[-1, 2, 0, 0]], bias=[0, 10, FULL, -FULL],
                  multiplier=[1, 1, 65535, 65535])
    maps = run(tmp_path, [[1, 2], [3, 5]], [STEM, END, {**TAIL[0], "shift": 2}, linear], classes=4)
    assert maps["pool"].tolist() == [[[[3]]]]  # 11 / 4
    assert maps["scores"].tolist() == [-1, 8, 2**31 - 1, -(2**31 - 1)]
    maps = run(tmp_path, [[200]], [STEM, END, {**TAIL[0], "multiplier": [3]}, TAIL[1]])
    assert maps["pool"].item() == 255  # 300 cut


@pytest.mark.parametrize("changes, bits, message", [
    (dict(bias=[FULL + 1]), 8, "bias leaves"),
    (dict(bias=[FULL]), 8, "leave the accumulator"),
    (dict(bias=[-FULL], zero=[1]), 8, "leave the accumulator"),
    (dict(weight=np.full((3, 3, 1, 1), -8)), 4, "weight leaves"),
    (dict(bias=[0, 0]), 8, "stem.bias is not"),
    (dict(shift=0), 8, "shift 0"),
    (dict(shift=41), 8, "shift 41"),
])
def test_refused_artifacts(tmp_path, changes, bits, message):
    with pytest.raises(ValueError, match=message):
        Model(build(tmp_path, (2, 2), [{**STEM, **changes}, END, *TAIL], bits=(bits, 8, 16)))


def test_refused_sequences(tmp_path):
    ends = [END, *TAIL]
    increment = pointwise("increment", "increment", 2)
    for ops, message in (([STEM, *TAIL], "cannot read"), ([STEM, SAME], "no scores"), ([STEM, STEM, *TAIL], "unique"),
                         ([STEM, loop("euler", 3, SAME, increment), *ends], "rows"),
                         ([STEM, SAME, pointwise("increment", "increment"), *ends], "no state"),
                         ([STEM, SAME, pointwise("state", "state", 2), *ends], "rows"),
                         ([STEM, loop("euler", 1, SAME), *ends], "end in")):
        with pytest.raises(ValueError, match=message):
            Model(build(tmp_path, (2, 2), ops))


def test_read_safetensors(tmp_path):
    stored = {"a": ("U8", [255]), "b": ("I8", [-128, 127]), "c": ("U16", [[65535]]), "d": ("I16", [-32768]),
              "e": ("I32", [[-2**31], [2**31 - 1]])}
    write(tmp_path / "file", {"key": "text"}, stored)
    metadata, tensors = numerics.read_safetensors(tmp_path / "file")
    assert metadata == {"key": "text"}
    assert {name: values.tolist() for name, values in tensors.items()} == {name: v for name, (_, v) in stored.items()}


def test_compare_and_main(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(numerics, "PIXELS_AT_ONCE", 8)  # groups of two images
    timed = pointwise("increment", "increment", timed=True, time=[[c] for c in range(9)])
    path = build(tmp_path, (2, 2), [STEM, loop("euler", 3, SAME, timed), END, *TAIL])
    pixels = np.arange(20).reshape(5, 2, 2, 1)
    trace = Model(path).run(pixels.astype(np.uint8))
    stored = {"pixels": ("U8", pixels), **{n: ("I32" if n == "scores" else "I16", m) for n, m in trace.items()}}
    files = [str(path), str(tmp_path / "trace")]
    write(tmp_path / "trace", {}, stored)
    assert numerics.main(files * 2) == 0
    assert "trace: 170 elements, 0 differ\ntotal: 340 elements, 0 differ\n" in capsys.readouterr().out

    trace["same"][3, 2, 0, 0, 0] = -7
    trace["increment"][3, 1, 1, 0, 0] += 1  # the earlier evaluation
    trace["scores"][4, 0] += 1
    write(tmp_path / "trace", {}, stored)
    assert numerics.main(files) == 1
    first = "increment, evaluation 1, image 3, y 1, x 0, c 0: 26 here, 27 in the trace"
    assert f"trace: 170 elements, 3 differ; first: {first}\n" in capsys.readouterr().out

    for scores in [[0]] * 4, [[0]] * 6, [[0, 0]] * 5:
        write(tmp_path / "trace", {}, {**stored, "scores": ("I32", scores)})
        with pytest.raises(ValueError, match="scores: shape"):
            numerics.main(files)
    del stored["end"]
    write(tmp_path / "trace", {}, stored)
    with pytest.raises(ValueError, match="only in model or trace: {'end'}"):
        numerics.main(files)


def test_the_golden_interpreter_gives_every_element_of_256_generated_models(tmp_path):
    program = os.environ.get("DSODENET_VECTORS")
    if not program:
        pytest.skip("set DSODENET_VECTORS to the built write_vectors")
    subprocess.run([program, tmp_path, "0", "256"], check=True)
    elements = 0
    for folder in tmp_path.iterdir():
        trace = numerics.read_safetensors(folder / "trace.safetensors")[1]
        compared, differing, first = numerics.compare(Model(folder / "model.safetensors"), trace)
        assert differing == 0, f"vector {folder.name}{first}"
        elements += compared
    assert elements > 10**7
