"""The demo runs on anyone's pictures and says no more than it measured."""
import json
import shlex

import pytest
from conftest import refused
from tiny_sets import write_pictures, write_set

pytestmark = pytest.mark.torch
QUICK = ["--epochs", 1, "--adapt-epochs", 1, "--threads", 1, "--out", "demo", "--json"]


def flat(folder):
    """The class folders' pictures moved up into `folder`."""
    for picture in folder.glob("*/*.png"):
        picture.rename(folder / picture.name)
    for empty in folder.iterdir():
        if empty.is_dir():
            empty.rmdir()


def test_pictures_without_labels_are_adapted_to_and_not_judged(dsodenet, tmp_path):
    source, target = write_pictures(tmp_path / "a", 40), write_pictures(tmp_path / "b", 20)
    flat(tmp_path / "b")
    result = dsodenet("demo", "--source", source, "--target", target, *QUICK)
    assert result.returncode == 0, result.stderr
    assert result.json["adapted"] is None and result.json["source_only"] is None
    assert "no accuracy can be told" in result.stdout
    html = (tmp_path / "demo/report.html").read_text()
    assert "Target, after adaptation" not in html and "<h2>Class by class" not in html


def test_the_accuracy_at_home_is_that_of_the_test_split(dsodenet, tmp_path):
    for split, n in (("train", 60), ("test", 30)):
        write_set(tmp_path / f"usps-{split}", n)
        write_set(tmp_path / f"optdigits-{split}", n, invert=True)
    result = dsodenet("demo", "--source", "usps", "--target", "optdigits", "--data-dir", tmp_path, *QUICK)
    assert result.returncode == 0, result.stderr
    report = json.loads((tmp_path / "demo/report.json").read_text())
    at_home = report["headline"]["source_validation"]
    assert at_home["n"] == 30
    integers = result.json["quantize"]
    assert integers["n"] == 30 and integers["accuracy_float"] == result.json["adapted"]
    html = (tmp_path / "demo/report.html").read_text()
    assert f"{integers['accuracy_int']:.2f} % of 30 images" in html and "dsodenet quantize --checkpoint" in html
    assert at_home["value"] == result.json["eval_source"]["accuracy"]
    assert result.json["simulate"]["mismatches"] == 0 and result.json["simulate"]["compared"] > 1000
    assert "On the accelerator" in html and "dsodenet simulate --image" in html
    # Beside the ZCU104, software and the paper.
    assert "230,400" in html and "golden interpreter, one core of this machine" in html and "54.2 to 79.8 %" in html
    again = shlex.split(next(line for line in report["commands"] if line.startswith("dsodenet simulate")))
    repeated = dsodenet(*again[1:], "--json")
    assert repeated.returncode == 0, repeated.stderr
    assert repeated.json["compared"] == result.json["simulate"]["compared"]


def test_domains_of_other_classes_are_refused(dsodenet, tmp_path):
    source = write_pictures(tmp_path / "a", classes=("left", "right"))
    target = write_pictures(tmp_path / "b", classes=("up", "down"))
    refused(dsodenet("demo", "--source", source, "--target", target, *QUICK), 2, "--target", "same classes")
