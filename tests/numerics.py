#!/usr/bin/env python3
"""The integer arithmetic of docs/numerics.md in NumPy: a second reading of that page, to compare with the engines.

    python3 numerics.py MODEL.safetensors TRACE.safetensors [MODEL TRACE ...]

runs each model on the pixels of its trace and compares every map and every score. Exit code 1 on any difference.
"""
import json
import sys
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np

DTYPES = {"U8": "<u1", "I8": "<i1", "U16": "<u2", "I16": "<i2", "I32": "<i4"}
TENSORS = {"zero": "U8", "weight": "I8", "bias": "I32", "multiplier": "U16", "scale": "I16", "time": "I32"}
STAGES = {"euler": 1, "midpoint": 2}
READS = {"conv": ("pixel",), "affine": ("state",), "dwconv": ("unsigned", "signed"), "pwconv": ("signed",),
         "pool": ("unsigned",), "linear": ("unsigned",)}
ACCUMULATOR = 2**26 - 1  # largest magnitude of an accumulator
PIXELS_AT_ONCE = 4096  # compare() takes images in groups of about so many pixels, for maps to stay in the caches


class Map(NamedTuple):
    """What one operation hands to the next: int64 [N,H,W,C], and its kind, a line of the page's table of ranges."""
    values: np.ndarray
    kind: str


class Evaluation(NamedTuple):
    """Where in an ODE loop an operation stands: evaluation e, time in half steps, the state an increment adds to."""
    e: int = 0
    tau: int = 0
    z: Optional[Map] = None


def check(condition: bool, message: str) -> None:
    """Refuses an artifact or a trace that contradicts the page."""
    if not condition:
        raise ValueError(message)


def read_safetensors(path) -> Tuple[Dict[str, str], Dict[str, np.ndarray]]:
    """The metadata and the tensors of a safetensors file: header length (8 bytes), header (JSON), data."""
    raw = memoryview(Path(path).read_bytes())
    data = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(bytes(raw[8:data]))
    metadata, tensors = header.pop("__metadata__", {}), {}
    for name, entry in header.items():
        begin, end = (data + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(raw[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return metadata, tensors


def rsh(x: np.ndarray, shift: int) -> np.ndarray:
    """floor((x + 2^(shift-1)) / 2^shift): round half towards plus infinity (NumPy's >> on int64 is arithmetic)."""
    return (x + (1 << (shift - 1))) >> shift


def taps(x: np.ndarray, stride: int) -> List[np.ndarray]:
    """The nine operands x[stride y + ky - 1, stride x + kx - 1], ordered by ky, kx; 0 where outside of the map."""
    height, width = x.shape[1:3]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return [padded[:, ky:ky + height:stride, kx:kx + width:stride] for ky in range(3) for kx in range(3)]


def product(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """x [N,H,W,in] times weight [in,out] summed over in: exact, though in float64 for the speed of its matmul.

    |x| <= 255 and |weight| <= 127 by the operands' ranges, so every partial sum of n terms, in any order, is an
    integer below 2^15 n, and float64 holds every integer up to 2^53: exact for any n up to 2^38.
    """
    return np.matmul(x.astype(np.float64), weight.astype(np.float64)).astype(np.int64)


def border_class(height: int, width: int) -> np.ndarray:
    """3 third(y) + third(x) for each pixel, [H,W]: which taps of a 3x3 window lie inside of the map."""
    check(height >= 2 and width >= 2, "border classes need a map of at least 2 x 2")
    rows, columns = ([0] + [1] * (n - 2) + [2] for n in (height, width))
    return 3 * np.array(rows)[:, None] + np.array(columns)


class Model:
    """A `dsodenet-int/1` artifact and its interpreter. A contradiction of the page raises ValueError."""

    def __init__(self, path):
        metadata, self.tensors = read_safetensors(path)
        check(metadata.get("format") == "dsodenet-int/1", "format is not dsodenet-int/1")
        spec, numbers, self.ops = (json.loads(metadata[key]) for key in ("spec", "numbers", "ops"))
        wb, ab, sb = (numbers[key] for key in ("weight_bits", "activation_bits", "state_bits"))
        check(2 <= wb <= 8 and 2 <= ab <= 8 and 8 <= sb <= 16, "widths in bits are not the page's")
        self.largest_weight = 2**(wb - 1) - 1
        self.ranges = {"pixel": (0, 255), "unsigned": (0, 2**ab - 1), "signed": (-2**(ab - 1), 2**(ab - 1) - 1),
                       "state": (-2**(sb - 1), 2**(sb - 1) - 1), "score": (-(2**31 - 1), 2**31 - 1)}
        check(len(set(self.order())) == len(list(self.order())), "names of operations are not unique")
        # One blank image passes every operation, row and evaluation, and with them every check below.
        scores = self.run(np.zeros((1, *spec["input"]), np.uint8))["scores"]
        check(scores.shape == (1, len(spec["classes"])), "not one score a class")

    def order(self) -> Iterator[Tuple[str, int]]:
        """Maps' names and evaluations in the order of computation; what linear gives is named "scores"."""
        for op in self.ops:
            for e in range(op["steps"] * STAGES[op["solver"]] if op["op"] == "ode_loop" else 1):
                for part in op.get("body", [op]):
                    yield ("scores" if part["op"] == "linear" else part["name"]), e

    def run(self, pixels: np.ndarray) -> Dict[str, np.ndarray]:
        """Images u8 [N,H,W,C] to all maps, int16 [N,E,H,W,C] by operation's name, and "scores", int32 [N,classes]."""
        maps: Dict[str, List[np.ndarray]] = {}
        x = Map(pixels.astype(np.int64), "pixel")
        for op in self.ops:
            check(op.get("rows", 1) == 1, f"{op['name']}: number of rows")
            x = self.loop(op, x, maps) if op["op"] == "ode_loop" else self.apply(op, x, Evaluation(), maps)
        check(x.kind == "score", "the last operation gives no scores")
        result = {name: np.stack(evaluations, axis=1).astype(np.int16) for name, evaluations in maps.items()}
        return {**result, "scores": x.values.reshape(len(pixels), -1).astype(np.int32)}

    def loop(self, op: dict, z: Map, maps: Dict[str, List[np.ndarray]]) -> Map:
        """The solver: each evaluation runs the body on v, and adds to z, the state with which its step began."""
        stages = STAGES[op["solver"]]
        check(op["body"][-1].get("to") == "increment", f"{op['name']}: the body does not end in an increment")
        for part in op["body"]:
            fixed = {"affine": (1,), "pwconv": (1, stages)}.get(part["op"])
            check(not fixed or part["rows"] in (*fixed, op["steps"] * stages), f"{part['name']}: number of rows")
        v = z
        for e in range(op["steps"] * stages):
            for part in op["body"]:
                v = self.apply(part, v, Evaluation(e, 2 * e // stages, z), maps)
            if e % stages == stages - 1:
                z = v
        return z

    def apply(self, op: dict, x: Map, at: Evaluation, maps: Dict[str, List[np.ndarray]]) -> Map:
        """One operation in one evaluation. Its map is also appended to `maps`, unless it is the scores."""
        check(x.kind in READS[op["op"]], f"{op['name']} cannot read what the operation before it gives")
        check(1 <= op["shift"] <= 40, f"{op['name']}: shift {op['shift']}")
        result = getattr(self, op["op"])(op, x, at)
        if result.kind != "score":
            maps.setdefault(op["name"], []).append(result.values)
        return result

    def take(self, op: dict, **sizes: Tuple[int, ...]) -> Iterator[np.ndarray]:
        """Tensors of an operation as int64, if types, sizes and the bounds of weights and biases are as they must."""
        limits = {"weight": self.largest_weight, "bias": 2**31 if op["op"] == "affine" else ACCUMULATOR}
        for name, size in sizes.items():
            stored, dtype, label = self.tensors[f"{op['name']}.{name}"], TENSORS[name], f"{op['name']}.{name}"
            check(stored.dtype == DTYPES[dtype] and stored.shape == size, f"{label} is not {dtype} {size}")
            values = stored.astype(np.int64)
            check(np.abs(values).max() <= limits.get(name, 2**31), f"{label} leaves its bounds")
            yield values

    def checked(self, op: dict, acc: np.ndarray, offset, weight: np.ndarray, operand, axes) -> np.ndarray:
        """acc, if it lies in its bounds (offset + weight by the operand's (low, high), summed), and they in 27 bits."""
        ends = [weight * end for end in operand]
        low, high = (offset + np.minimum(*ends).sum(axes)).min(), (offset + np.maximum(*ends).sum(axes)).max()
        check(-ACCUMULATOR <= low and high <= ACCUMULATOR, f"{op['name']}: the bounds leave the accumulator")
        check(low <= acc.min() and acc.max() <= high, f"{op['name']}: an accumulator leaves its bounds")
        return acc

    def clamp(self, x: np.ndarray, kind: str, relu: bool = False) -> Map:
        """x saturated to the range of its kind, from 0 on where `relu`."""
        low, high = self.ranges[kind]
        return Map(np.clip(x, 0 if relu else low, high), kind)

    def conv(self, op: dict, x: Map, _: Evaluation) -> Map:
        c, k = x.values.shape[3], op["out"]
        zero, weight, bias, multiplier = self.take(op, zero=(c,), weight=(3, 3, c, k), bias=(k,), multiplier=(k,))
        windows = np.concatenate(taps(x.values - zero, 1), axis=3)  # channels in the order of ky, kx, c
        acc = bias + product(windows, weight.reshape(9 * c, k))
        self.checked(op, acc, bias, weight, [(end - zero)[:, None] for end in self.ranges[x.kind]], (0, 1, 2))
        return self.clamp(rsh(acc * multiplier, op["shift"]), "state", relu=True)

    def affine(self, op: dict, x: Map, at: Evaluation) -> Map:
        sizes = op["rows"], x.values.shape[3]
        scale, bias = (t[at.e % op["rows"]] for t in self.take(op, scale=sizes, bias=sizes))
        return self.clamp(rsh(x.values * scale + bias, op["shift"]), "unsigned" if op["relu"] else "signed")

    def dwconv(self, op: dict, x: Map, _: Evaluation) -> Map:
        c = x.values.shape[3]
        weight, multiplier = self.take(op, weight=(3, 3, c), multiplier=(c,))
        acc = sum(w * a for w, a in zip(weight.reshape(9, c), taps(x.values, op["stride"])))
        self.checked(op, acc, 0, weight, self.ranges[x.kind], (0, 1))
        return self.clamp(rsh(acc * multiplier, op["shift"]), "signed")

    def pwconv(self, op: dict, x: Map, at: Evaluation) -> Map:
        c, k, rows = x.values.shape[3], op["out"], op["rows"]
        offset, multiplier = (t[at.e % rows] for t in self.take(op, bias=(rows, k), multiplier=(rows, k)))
        weight, = self.take(op, weight=(c, k))
        if op.get("timed", False):
            time, = self.take(op, time=(9, k))
            offset = offset + at.tau * time[border_class(*x.values.shape[1:3])]
        acc = self.checked(op, offset + product(x.values, weight), offset, weight, self.ranges[x.kind], 0)
        value = rsh(acc * multiplier, op["shift"])
        if op["to"] != "increment":
            return self.clamp(value, {"activation": "unsigned", "state": "state"}[op["to"]], relu=True)
        check(at.z is not None and at.z.values.shape == value.shape, f"{op['name']}: no state to add to")
        return self.clamp(at.z.values + value, "state")

    def pool(self, op: dict, x: Map, _: Evaluation) -> Map:
        multiplier, = self.take(op, multiplier=x.values.shape[3:])
        acc = x.values.sum((1, 2), keepdims=True)
        self.checked(op, acc, 0, np.ones(x.values.shape[1:3], np.int64), self.ranges[x.kind], (0, 1))
        return self.clamp(rsh(acc * multiplier, op["shift"]), "unsigned")

    def linear(self, op: dict, x: Map, _: Evaluation) -> Map:
        c, k = x.values.shape[3], op["out"]
        weight, bias, multiplier = self.take(op, weight=(c, k), bias=(k,), multiplier=(k,))
        acc = self.checked(op, bias + product(x.values, weight), bias, weight, self.ranges[x.kind], 0)
        return self.clamp(rsh(acc * multiplier, op["shift"]), "score")


def compare(model: Model, trace: Dict[str, np.ndarray]) -> Tuple[int, int, str]:
    """Elements compared, elements that differ, and the first of these, in the order of computation, as text."""
    elements, differing, first, pixels = 0, 0, "", trace["pixels"]
    names = {name for name, _ in model.order()}
    check(set(trace) == names | {"pixels"}, f"only in model or trace: {set(trace) ^ (names | {'pixels'})}")
    check(len(pixels) > 0, "a trace of no images")
    group = max(1, PIXELS_AT_ONCE // (pixels.shape[1] * pixels.shape[2]))
    for begin in range(0, len(pixels), group):
        maps = model.run(pixels[begin:begin + group])
        for name, e in model.order():
            ours, theirs = maps[name], trace[name][begin:begin + group]
            expected = (len(pixels), *ours.shape[1:])
            check(trace[name].shape == expected, f"{name}: shape {trace[name].shape} in the trace, not {expected}")
            if name == "scores":
                ours, theirs = (scores[:, None, None, None] for scores in (ours, theirs))
            different = ours[:, e] != theirs[:, e]
            elements, differing = elements + different.size, differing + int(different.sum())
            if differing and not first:
                n, y, x, c = np.argwhere(different)[0]
                first = (f"; first: {name}, evaluation {e}, image {begin + n}, y {y}, x {x}, c {c}: "
                         f"{ours[n, e, y, x, c]} here, {theirs[n, e, y, x, c]} in the trace")
    return elements, differing, first


def main(paths: List[str]) -> int:
    if not paths or len(paths) % 2:
        sys.exit(__doc__)
    total = np.zeros(2, np.int64)
    for model, trace in zip(paths[::2], paths[1::2]):
        elements, differing, first = compare(Model(model), read_safetensors(trace)[1])
        print(f"{trace}: {elements} elements, {differing} differ{first}", flush=True)
        total += elements, differing
    print(f"total: {total[0]} elements, {total[1]} differ")
    return int(total[1] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
