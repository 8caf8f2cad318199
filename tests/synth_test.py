"""dsodenet synth with a Yosys that is not there, one that fails, and one that answers at once."""
import json

import pytest


@pytest.fixture
def yosys(tmp_path):
    """yosys("shell commands") puts a program of that name into the only folder of PATH; returns the environment."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def write(commands):
        (folder / "yosys").write_text("#!/bin/sh\n" + commands + "\n")
        (folder / "yosys").chmod(0o755)
        return {"PATH": str(folder)}

    return write


def test_without_yosys_says_how_to_get_it(dsodenet, tmp_path):
    result = dsodenet("synth", "--target", "grid-4x4x1", env={"PATH": str(tmp_path)})
    assert result.returncode == 2
    assert "apt install yosys" in result.stderr


def test_names_what_yosys_said_when_it_fails(dsodenet, yosys, tmp_path):
    result = dsodenet("synth", "--target", "grid-4x4x1", "--out", "s", env=yosys("echo ERROR: no; exit 3"))
    assert result.returncode == 1
    assert "s/yosys.out" in result.stderr
    assert (tmp_path / "s/yosys.out").read_text() == "ERROR: no\n"


def test_adds_up_what_yosys_counts(dsodenet, yosys, tmp_path):
    stat = {"creator": "Yosys 1", "modules": {
        "\\dsode_lane": {"num_cells_by_type": {"LUT6": 10, "FDRE": 5}},
        "\\dsode_top": {"num_cells_by_type": {"dsode_lane": 4, "DSP48E2": 2, "RAMB18E2": 3}}}}
    (tmp_path / "stat").write_text(json.dumps(stat))
    # Its last arguments are files that lie in its own folder.
    env = yosys(f"/bin/cat {tmp_path}/stat > stat.json; "
                'echo "Longest topological path in dsode_top (length=9):" > path.txt; '
                'for f; do case $f in *.sv | *.ys) [ -f "$f" ] || exit 4;; esac; done')
    result = dsodenet("synth", "--target", "grid-4x4x1", "--out", "s", "--json", env=env)
    assert result.returncode == 0, result.stderr
    assert result.json["lut"] == 40
    assert result.json["ff"] == 20
    assert result.json["dsp"] == 2
    assert result.json["bram36"] == 1.5
    assert result.json["fmax_mhz"] is None
    assert result.json["levels"] == 9
    assert result.json["macs_per_cycle"] == 16
    modules = {m["module"]: m for m in json.loads((tmp_path / "s/results.json").read_text())["modules"]}
    assert modules["dsode_lane"]["instances"] == 4
    assert modules["dsode_lane"]["lut"] == 40
