"""Small data files for the tests: three classes of 12x12 pictures that a model of 500 parameters learns in seconds."""
import gzip
import json
import struct
import zlib

import numpy as np

SIDE, CLASSES = 12, 3
# A network that goes with them.
TINY = ["--widths", "4,6", "--steps", "2", "--input", f"{SIDE},{SIDE},1", "--threads", "1"]


def idx_bytes(array):
    array = np.asarray(array, np.uint8)
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_gz(path, data):
    path.write_bytes(gzip.compress(data, 6, mtime=0))


def bright_places(n, seed):
    """[n,12,12] noise with a bright top, left side or centre, and which of them."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % CLASSES
    images = rng.integers(0, 60, (n, SIDE, SIDE))
    for image, label in zip(images, labels):
        image[[np.s_[:4, :], np.s_[:, :4], np.s_[4:8, 4:8]][label]] += 150
    return images.astype(np.uint8), labels.astype(np.uint8)


def write_set(prefix, n=120, seed=1, invert=False):
    """PREFIX-images.idx.gz and PREFIX-labels.idx.gz; returns the spec that names them."""
    images, labels = bright_places(n, seed)
    write_gz(prefix.with_name(prefix.name + "-images.idx.gz"), idx_bytes(255 - images if invert else images))
    write_gz(prefix.with_name(prefix.name + "-labels.idx.gz"), idx_bytes(labels))
    return f"idx:{prefix}"


def png_bytes(grey):
    """An 8-bit grey PNG of a [H,W] array."""
    grey = np.asarray(grey, np.uint8)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    header = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def write_pictures(folder, n=12, classes=("left", "right")):
    """FOLDER/<class>/<i>.png; returns the spec."""
    images, _ = bright_places(n, 3)
    for i, image in enumerate(images):
        path = folder / classes[i % len(classes)] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png_bytes(image))
    return f"folder:{folder}"


def safetensors_parts(data):
    """(header object, tensors' bytes as an array that can be changed)."""
    (length,) = struct.unpack_from("<Q", data)
    return json.loads(data[8:8 + length]), bytearray(data[8 + length:])


def safetensors_tensor(data, name):
    """The F32 or U8 tensor `name` as an array."""
    header, body = safetensors_parts(data)
    begin, end = header[name]["data_offsets"]
    return np.frombuffer(bytes(body[begin:end]), {"F32": "<f4", "U8": "u1"}[header[name]["dtype"]]).reshape(
        header[name]["shape"])


def safetensors_bytes(header, body):
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(body)


def flipped(data, at, bit=4):
    """The bytes with one bit of the one at `at` turned."""
    data = bytearray(data)
    data[at] ^= 1 << bit
    return bytes(data)


# What may happen to a file on its way.
DAMAGES = {
    "truncated": lambda data: data[:len(data) // 2],
    "empty": lambda data: b"",
    "header flipped": lambda data: flipped(data, 2),
    "middle flipped": lambda data: flipped(data, len(data) // 2),
    "garbage behind": lambda data: data + b"garbage",
}
