"""An integer model (docs/numerics.md) as a list of calls of the loops in bench/a53/plain_int8_bench.cc.

`Plan(artifact)` lays out its maps and weights and lists the calls of one image, each with how often its loops go round;
`compile_loops` builds the loops for this machine and `Plan.run` runs the calls with them. Nothing but Python is needed.
"""
import array
import ctypes
import itertools
import json
import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "bench/a53/plain_int8_bench.cc"
FORMATS = {"U8": "B", "I8": "b", "U16": "H", "I16": "h", "I32": "i"}
STAGES = {"euler": 1, "midpoint": 2}
BLOCK = 16    # channels that maps are padded to
LANES = 8     # channels of a trip of the loops over channels
PIXELS = 4    # pixels of a trip of the pointwise product
NARROW = 13   # shifts from here on leave no more than 32 bits


class Call(ctypes.Structure):
    """struct Call of the loops."""
    _fields_ = [(name, ctypes.c_int64) for name in ("kernel", "height", "width", "in_", "out", "stride", "source_pitch",
                                                    "target_pitch", "shift", "lo", "hi")] + [
        (name, ctypes.c_void_p) for name in ("source", "target", "weight", "bias", "multiplier", "state", "pixels", "sums")]


def channelwise(c):
    return [c.height, c.height * c.width, c.height * c.width * c.in_ // LANES]


def windows(c):
    pixels = c.height * c.width
    blocks = pixels * c.in_ // BLOCK
    return [c.height, pixels, blocks, pixels * c.in_ // LANES]


def product(c):
    blocks, pixels = c.out // BLOCK, c.height * c.width
    tiles = blocks * -(-pixels // PIXELS)
    return [blocks, tiles, tiles * c.in_, blocks * pixels, blocks * pixels]


# The loops of each kernel in the order of the source: how deep they lie, and how often they go round in a call.
KERNELS = {
    "centre": ([1, 2], lambda c: [c.height, c.height * c.in_]),
    "gather": ([1, 2, 3], lambda c: [c.height, c.height * c.width, c.height * c.width * c.in_]),
    "affine": ([1, 2, 3], channelwise), "affine_wide": ([1, 2, 3], channelwise),
    "dwconv": ([1, 2, 3, 3], windows), "dwconv_wide": ([1, 2, 3, 3], windows),
    "pwconv": ([1, 2, 3, 3, 4], product), "pwconv_wide": ([1, 2, 3, 3, 4], product),
    "increment": ([1, 2, 3, 3, 4], product), "increment_wide": ([1, 2, 3, 3, 4], product),
    "pool": ([1, 1, 2, 1], lambda c: [c.in_ // LANES, c.height * c.width, c.height * c.width * c.in_ // LANES,
                                      c.in_ // LANES]),
    "linear": ([1, 1, 2, 1], lambda c: [c.out // LANES, c.in_, c.in_ * c.out // LANES, c.out // LANES]),
}


def read_safetensors(path):
    """(metadata, {name: (shape, flat array)}) of a file."""
    raw = pathlib.Path(path).read_bytes()
    data = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:data])
    metadata, tensors = header.pop("__metadata__", {}), {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = entry["shape"], array.array(FORMATS[entry["dtype"]], raw[data + begin:data + end])
    return metadata, tensors


def padded(channels):
    return -(-channels // BLOCK) * BLOCK


def border_class(i, n):
    return 0 if i == 0 else 2 if i == n - 1 else 1


class Map:
    """A map [height,width,channels] in memory: with a border of one pixel, or dense with room for 4 pixels."""

    def __init__(self, height, width, channels, border):
        self.height, self.width, self.channels, self.wide = height, width, channels, padded(channels)
        self.pitch = (width + 2 * border) * self.wide
        self.first = self.pitch + self.wide if border else 0
        size = (height + 2 * border) * self.pitch + PIXELS * self.wide
        self.data = array.array("h", bytes(2 * size))

    def address(self):
        return self.data.buffer_info()[0]

    def inside(self):
        return self.address() + 2 * self.first

    def at(self, y, x):
        return self.first + y * self.pitch + x * self.wide

    def values(self):
        """Flat [height,width,channels]."""
        return [v for y in range(self.height) for x in range(self.width)
                for v in self.data[self.at(y, x):self.at(y, x) + self.channels]]


class Step:
    """A call, what it computes (None: a step towards the stem), and what it costs."""

    def __init__(self, kernel, call, op, evaluation, result, macs, maps, weights):
        self.kernel, self.call, self.op, self.evaluation, self.result = kernel, call, op, evaluation, result
        self.macs, self.maps, self.weights = macs, maps, weights  # bytes that it reads or writes once, and weights
        self.trips = KERNELS[kernel][1](call)


class Plan:
    def __init__(self, artifact):
        metadata, self.tensors = read_safetensors(artifact)
        self.ops, numbers = json.loads(metadata["ops"]), json.loads(metadata["numbers"])
        spec = json.loads(metadata["spec"])
        self.shape, self.classes = spec["input"], len(spec["classes"])
        self.activation = 2 ** numbers["activation_bits"] - 1
        self.signed = -(2 ** (numbers["activation_bits"] - 1)), 2 ** (numbers["activation_bits"] - 1) - 1
        self.state = -(2 ** (numbers["state_bits"] - 1)), 2 ** (numbers["state_bits"] - 1) - 1
        self.steps, self.kept, self.maps = [], {}, {}
        self.sums = self.keep("sums", array.array("i", bytes(4 * 4096)))
        self.zeros = self.keep("no bias", array.array("i", bytes(4 * 4096)))
        self.pixels = array.array("B", bytes(self.shape[0] * self.shape[1] * self.shape[2]))
        self.scores = array.array("i", bytes(4 * padded(self.classes)))
        self.build()
        self.calls = (Call * len(self.steps))(*(step.call for step in self.steps))

    # --- memory ---

    def keep(self, name, values):
        """The address of an array that lives as long as the plan; made once for each name."""
        return self.kept.setdefault(name, values).buffer_info()[0]

    def map(self, role, height, width, channels, border=False):
        key = role, height, width, channels, border
        if key not in self.maps:
            self.maps[key] = Map(*key[1:])
        return self.maps[key]

    def operand(self, consumer, height, width, channels, role):
        return self.map(role, height, width, channels, consumer["op"] == "dwconv")

    def tensor(self, op, field, row=None):
        shape, values = self.tensors[f"{op['name']}.{field}"]
        return list(values) if row is None else list(values[row * shape[-1]:(row + 1) * shape[-1]])

    def row(self, op, field, row, wide):
        """int32 [wide], zeros behind the channels."""
        values = self.tensor(op, field, row)
        return self.keep((op["name"], field, row), array.array("i", values + [0] * (wide - len(values))))

    # --- calls ---

    def add(self, kernel, op, evaluation, result, macs, maps, weights=0, **fields):
        wide = "_wide" if f"{kernel}_wide" in KERNELS and fields["shift"] < NARROW else ""
        call = Call(kernel=list(KERNELS).index(kernel + wide), sums=self.sums, **fields)
        self.steps.append(Step(kernel + wide, call, op, evaluation, result, macs, maps, weights))

    def build(self):
        at = None
        for i, op in enumerate(self.ops):
            after = self.ops[i + 1] if i + 1 < len(self.ops) else None
            if op["op"] == "ode_loop":
                at = self.loop(op, at)
            elif op["op"] == "conv":
                at = self.conv(op)
            elif op["op"] == "linear":
                self.linear(op, at)
            else:
                at = self.layer(op, at, after)

    def loop(self, op, z):
        stages, v = STAGES[op["solver"]], z
        for e in range(op["steps"] * stages):
            tau = 2 * e if stages == 1 else e
            at = v if e % stages else z
            for part, after in itertools.zip_longest(op["body"], op["body"][1:]):
                at = self.layer(part, at, after, e, tau, z)
            v = at
            if e % stages == stages - 1:
                z = at
        return z

    def layer(self, op, at, after, e=0, tau=0, z=None):
        return getattr(self, op["op"])(op, at, after, e, tau, z)

    def conv(self, op):
        height, width, channels = self.shape
        row, out, window = width * channels, op["out"], 9 * channels
        middle = Map(height, 1, row + 2 * channels, False)  # rows of whole pixels, channels not padded
        middle.pitch = row + 2 * channels
        middle.data = array.array("h", bytes(2 * (height + 2) * middle.pitch))
        rows = array.array("h", bytes(2 * (height * width + PIXELS) * window))
        zeros = self.keep("zeros", array.array("h", self.tensor(op, "zero") * width))
        self.kept["middle"], self.kept["windows"] = middle.data, rows
        pixels = self.pixels.buffer_info()[0]
        self.add("centre", None, 0, None, 0, 3 * height * row, height=height, width=width, in_=row, source=pixels,
                 source_pitch=row, target=middle.address() + 2 * (middle.pitch + channels), target_pitch=middle.pitch,
                 weight=zeros)
        self.add("gather", None, 0, None, 0, 2 * len(middle.data) + 2 * len(rows), height=height, width=width,
                 in_=3 * channels, source=middle.address(), source_pitch=middle.pitch, target=rows.buffer_info()[0])
        return self.multiply(op, rows.buffer_info()[0], (height, width), window, self.map("state", height, width, out),
                             (0, self.state[1]), self.tensor(op, "bias"), self.tensor(op, "multiplier"), window)

    def multiply(self, op, source, size, inputs, target, limits, bias, multiplier, real, e=0, tau=0, z=None):
        """A pointwise product of `real` channels, laid out as `inputs`."""
        (height, width), out, wide, name = size, target.channels, target.wide, op["name"]
        weight = self.tensor(op, "weight")
        blocks = array.array("h", (weight[c * out + k] if c < real and k < out else 0
                                   for first in range(0, wide, BLOCK) for c in range(inputs)
                                   for k in range(first, first + BLOCK)))
        time = self.tensor(op, "time") if op.get("timed") else [0] * out
        table = [v + tau * t if k < out else 0 for first in range(0, len(time), out)
                 for k, (v, t) in enumerate(itertools.zip_longest(bias, time[first:first + out], fillvalue=0))]
        rows = len(time) // out
        spread = [v for r in range(rows) for v in table[r * out:(r + 1) * out] + [0] * (wide - out)]
        places = (v for y in range(height) for x in range(width) for v in (
            target.at(y, x), wide * (3 * border_class(y, height) + border_class(x, width)) if rows > 1 else 0))
        self.add("increment" if z else "pwconv", op, e, target, real * out * height * width,
                 (2 * inputs * (wide // BLOCK) + 2 * wide + (2 * wide if z else 0)) * height * width, 2 * len(blocks),
                 height=height, width=width, in_=inputs, out=wide, source=source, target=target.address(),
                 shift=op["shift"], lo=limits[0], hi=limits[1], weight=self.keep((name, "weight"), blocks),
                 bias=self.keep((name, "bias", e), array.array("i", spread)),
                 multiplier=self.keep((name, "multiplier", e), array.array("i", multiplier + [0] * (wide - out))),
                 pixels=self.keep((name, "pixels", e), array.array("i", places)), state=z.address() if z else None)
        return target

    def pwconv(self, op, at, after, e, tau, z):
        row = e % op["rows"]
        size = at.height, at.width
        if op["to"] == "increment":
            target, limits = next(m for m in (self.map("state", *size, op["out"]), self.map("next", *size, op["out"]))
                                  if m is not z), self.state
        elif op["to"] == "state":
            target, limits, z = self.map("state", *size, op["out"]), (0, self.state[1]), None
        else:
            target, limits, z = self.operand(after, *size, op["out"], "activation"), (0, self.activation), None
        return self.multiply(op, at.address(), size, at.wide, target, limits, self.tensor(op, "bias", row),
                             self.tensor(op, "multiplier", row), at.channels, e, tau, z)

    def affine(self, op, at, after, e, tau, z):
        row, limits = e % op["rows"], (0, self.activation) if op["relu"] else self.signed
        target = self.operand(after, at.height, at.width, at.channels, "activation")
        self.add("affine", op, e, target, 0, 4 * at.height * at.width * at.wide, height=at.height, width=at.width,
                 in_=at.wide, source=at.address(), source_pitch=at.pitch, target=target.inside(),
                 target_pitch=target.pitch, shift=op["shift"], lo=limits[0], hi=limits[1],
                 bias=self.row(op, "bias", row, at.wide), multiplier=self.row(op, "scale", row, at.wide))
        return target

    def dwconv(self, op, at, after, e, tau, z):
        stride, channels = op["stride"], at.channels
        target = self.operand(after, -(-at.height // stride), -(-at.width // stride), channels, "operand")
        weight = self.tensor(op, "weight")
        taps = array.array("h", (weight[t * channels + c] if c < channels else 0 for first in range(0, at.wide, BLOCK)
                                 for t in range(9) for c in range(first, first + BLOCK)))
        self.add("dwconv", op, e, target, 9 * channels * target.height * target.width,
                 2 * at.wide * (at.height * at.width + target.height * target.width), 2 * len(taps),
                 height=target.height, width=target.width, in_=at.wide, stride=stride, source=at.address(),
                 source_pitch=at.pitch, target=target.inside(), target_pitch=target.pitch, shift=op["shift"],
                 lo=self.signed[0], hi=self.signed[1], weight=self.keep((op["name"], "weight"), taps),
                 multiplier=self.row(op, "multiplier", 0, at.wide))
        return target

    def pool(self, op, at, after, e, tau, z):
        target = self.map("pooled", 1, 1, at.channels)
        self.add("pool", op, e, target, 0, 2 * at.wide * (at.height * at.width + 1), height=at.height, width=at.width,
                 in_=at.wide, source=at.address(), target=target.address(), shift=op["shift"], lo=0, hi=self.activation,
                 bias=self.zeros, multiplier=self.row(op, "multiplier", 0, at.wide))
        return target

    def linear(self, op, at):
        out, wide = op["out"], padded(op["out"])
        weight = self.tensor(op, "weight")
        rows = array.array("h", (weight[c * out + k] if c < at.channels and k < out else 0
                                 for c in range(at.wide) for k in range(wide)))
        self.add("linear", op, 0, None, at.channels * out, 2 * at.wide + 4 * wide, 2 * len(rows), height=1, width=1,
                 in_=at.wide, out=wide, source=at.address(), target=self.scores.buffer_info()[0], shift=op["shift"],
                 lo=-(2 ** 31 - 1), hi=2 ** 31 - 1, weight=self.keep((op["name"], "weight"), rows),
                 bias=self.row(op, "bias", 0, wide), multiplier=self.row(op, "multiplier", 0, wide))

    # --- what it is for ---

    def run(self, loops, pixels, observe=None):
        """The scores of an image; `observe(step)` sees each step right after it."""
        self.pixels[:] = array.array("B", pixels)
        for i, step in enumerate(self.steps) if observe else []:
            loops.run(ctypes.byref(self.calls, i * ctypes.sizeof(Call)), 1, 1)
            observe(step)
        if not observe:
            loops.run(self.calls, len(self.steps), 1)
        return list(self.scores[:self.classes])


def compile_loops(compiler, out, *options):
    """The loops as a library of this machine."""
    subprocess.run([compiler, "-std=c++20", "-O3", "-ffreestanding", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror",
                    *options, SOURCE, "-o", out], check=True)
    loops = ctypes.CDLL(str(out))
    loops.run.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64]
    loops.run.restype = None
    return loops
