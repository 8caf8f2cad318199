"""The page of a run, written anew where it is asked for, and runs side by side."""
import json

import pytest
from conftest import contents, refused


@pytest.fixture
def run(tmp_path):
    """The folder `run`, all of a run that the page needs; the title is "First"."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run/report.json").write_text(json.dumps({"format": "dsodenet-report/1", "title": "First"}))
    (tmp_path / "run/results.json").write_text(json.dumps({"model": "dsodenet-t", "accuracy": 98.5}))
    return tmp_path / "run"


def test_the_page_is_in_the_run_folder_and_written_over(run, dsodenet):
    (run / "report.html").write_text("of before")
    result = dsodenet("report", "--run", "run", "--json")
    assert result.returncode == 0, result.stderr
    assert result.json == {"report": "run/report.html"}
    assert "First" in (run / "report.html").read_text()


def test_out_names_the_page(run, dsodenet, tmp_path):
    result = dsodenet("report", "--run", "run", "--out", "page.html", "--json")
    assert result.returncode == 0, result.stderr
    assert result.json == {"report": "page.html"}
    assert "First" in (tmp_path / "page.html").read_text()
    assert not (run / "report.html").exists()


def test_a_file_as_out_is_not_written_over_without_force(run, dsodenet, tmp_path):
    (tmp_path / "page.html").write_text("mine")
    command = ["report", "--run", "run", "--out", "page.html", "--json"]
    refused(dsodenet(*command), 2, "--out page.html", "--force")
    assert (tmp_path / "page.html").read_text() == "mine"
    assert dsodenet(*command, "--force").returncode == 0
    assert "First" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("options, pieces", [
    ([], ["--run", "missing"]),
    (["--run", "nowhere"], ["nowhere", "report.json"]),
    (["--run", "run", "--out", "run"], ["--out run", "folder"]),
    (["--run", "run,run", "--out", "page.html"], ["--out page.html", "2 runs"]),
])
def test_what_report_refuses(run, dsodenet, tmp_path, options, pieces):
    before = contents(tmp_path)
    refused(dsodenet("report", *options, "--json"), 2, *pieces)
    assert contents(tmp_path) == before


def test_runs_side_by_side(run, dsodenet):
    result = dsodenet("report", "--run", "run,run", "--json")
    assert result.returncode == 0, result.stderr
    assert [row["accuracy"] for row in result.json["runs"]] == [98.5, 98.5]
    assert "98.50" in result.stdout
