"""Damaged or unfit images and labels: one clear error that names the file, exit code 2."""
import struct
from pathlib import Path

import numpy as np
import pytest
from conftest import refused
from tiny_sets import DAMAGES, TINY, bright_places, flipped, idx_bytes, png_bytes, write_gz, write_pictures, write_set

pytestmark = pytest.mark.torch
SVHN = Path(__file__).resolve().parent.parent / "fuzz/corpus/mat/svhn.mat"


def train(dsodenet, data, *more):
    return dsodenet("train", "--data", data, *TINY, "--epochs", 1, "--out", "out", "--json", *more)


@pytest.mark.parametrize("part, damage", [("images", damage) for damage in DAMAGES] +
                         [("labels", "truncated"), ("labels", "middle flipped")])
def test_damaged_idx_gz(dsodenet, tmp_path, part, damage):
    data = write_set(tmp_path / "tiny")
    path = tmp_path / f"tiny-{part}.idx.gz"
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    refused(train(dsodenet, data), 2, path)


@pytest.mark.parametrize("change, pieces", [
    (lambda data: data[:-1], ["elements"]),
    (lambda data: data + b"x", ["elements"]),
    (lambda data: data[:10], ["dimensions", "offset"]),
    (lambda data: flipped(data, 2), ["element type"]),
    (lambda data: data[:4] + struct.pack(">3I", 2**31 - 1, 2**31 - 1, 2**31 - 1) + data[16:], ["overflow"]),
], ids=["cut", "longer", "cut header", "type", "sizes that overflow"])
def test_damaged_plain_idx(dsodenet, tmp_path, change, pieces):
    images, labels = bright_places(12, 1)
    path = tmp_path / "plain-images.idx"
    path.write_bytes(change(idx_bytes(images)))
    (tmp_path / "plain-labels.idx").write_bytes(idx_bytes(labels))
    refused(train(dsodenet, f"idx:{tmp_path}/plain"), 2, path, *pieces)


def test_missing_files_of_a_set(dsodenet, tmp_path):
    refused(train(dsodenet, "idx:nowhere"), 2, "nowhere-images.idx.gz")
    write_set(tmp_path / "tiny")
    (tmp_path / "tiny-labels.idx.gz").unlink()
    refused(train(dsodenet, "idx:tiny"), 2, "tiny-labels.idx.gz")


def test_label_count_unlike_image_count(dsodenet, tmp_path):
    data = write_set(tmp_path / "tiny", n=60)
    write_gz(tmp_path / "tiny-labels.idx.gz", idx_bytes(np.arange(59) % 3))
    refused(train(dsodenet, data), 2, "tiny-labels.idx.gz", "59 labels for 60 images")


def test_label_out_of_a_named_sets_range(dsodenet, tmp_path):
    images, labels = bright_places(12, 1)
    labels[7] = 10
    write_gz(tmp_path / "mnist-train-images.idx.gz", idx_bytes(images))
    write_gz(tmp_path / "mnist-train-labels.idx.gz", idx_bytes(labels))
    refused(train(dsodenet, "mnist", "--data-dir", tmp_path), 2, "mnist-train-labels.idx.gz", "label 10 of image 7",
            "10 classes")


def test_one_class_only(dsodenet, tmp_path):
    data = write_set(tmp_path / "tiny", n=60)
    write_gz(tmp_path / "tiny-labels.idx.gz", idx_bytes(np.full(60, 2)))
    refused(train(dsodenet, data), 2, "tiny-labels.idx.gz", "only one class")
    refused(train(dsodenet, write_pictures(tmp_path / "pictures", classes=("left",))), 2, "only one class, 'left'")


def test_wrong_channel_count(dsodenet, tmp_path):
    data = write_set(tmp_path / "tiny", n=30)
    write_gz(tmp_path / "tiny-images.idx.gz", idx_bytes(np.zeros((30, 12, 12, 2))))
    refused(train(dsodenet, data), 2, "tiny-images.idx.gz", "30x12x12x2")
    refused(train(dsodenet, data, "--input", "12,12,2"), 2, "input", "2 channels")


def test_images_of_labels_dimensions(dsodenet, tmp_path):
    data = write_set(tmp_path / "tiny", n=30)
    write_gz(tmp_path / "tiny-images.idx.gz", idx_bytes(np.zeros(30)))
    refused(train(dsodenet, data), 2, "tiny-images.idx.gz", "dimensions")


def test_empty_and_missing_folders(dsodenet, tmp_path):
    (tmp_path / "empty").mkdir()
    refused(train(dsodenet, "folder:empty"), 2, "empty", "no PNG or JPEG pictures")
    refused(train(dsodenet, "folder:nowhere"), 2, "nowhere", "cannot list")
    (tmp_path / "classes/a").mkdir(parents=True)
    refused(train(dsodenet, "folder:classes"), 2, "classes", "no PNG or JPEG pictures")


def test_pictures_without_classes_have_no_labels(dsodenet, tmp_path):
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat/0.png").write_bytes(png_bytes(bright_places(1, 1)[0][0]))
    refused(train(dsodenet, "folder:flat"), 2, "flat", "without labels")


@pytest.mark.parametrize("damage", ["truncated", "empty", "header flipped", "middle flipped"])
def test_damaged_png(dsodenet, tmp_path, damage):
    data = write_pictures(tmp_path / "pictures")
    path = tmp_path / "pictures/right/5.png"
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    refused(train(dsodenet, data), 2, path, "offset")


@pytest.mark.parametrize("damage", ["truncated", "empty", "header flipped", "middle flipped"])
def test_damaged_mat(dsodenet, tmp_path, damage):
    path = tmp_path / "train_32x32.mat"
    data = SVHN.read_bytes()
    # The text at the front of a MAT file says nothing that is read; its version and endian mark follow it.
    path.write_bytes(flipped(data, 126) if damage == "header flipped" else DAMAGES[damage](data))
    refused(train(dsodenet, f"svhn:{path}"), 2, path)
