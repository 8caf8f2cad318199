"""What stands between the accelerator and a ZCU104, as far as it can be tried without Vivado and without the board."""
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import refused

ROOT = Path(__file__).resolve().parent.parent
BOARD = ROOT / "fpga" / "zcu104"
STUB = ROOT / "tests" / "vivado_stub.tcl"

needs_tclsh = pytest.mark.skipif(not shutil.which("tclsh"), reason="needs tclsh (Debian: tcl)")


def text_of(path):
    return path.read_text()


def registers_of_header():
    header = text_of(ROOT / "src/accel/registers.h")
    registers = re.search(r"enum class Reg : uint32_t \{(.*?)\};", header, re.S)[1]
    return {name: int(value, 16) for name, value in re.findall(r"k(\w+) = (0x[0-9a-f]+)", registers)}


# --- Tcl --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def build(tmp_path):
    """build(wns=...) runs build.tcl with a stand-in for Vivado -> (process, calls as lists of words, folder)."""
    out = tmp_path / "out"
    bit = out / "project/dsode.runs/impl_1/dsode_system_wrapper.bit"
    hwh = out / "project/dsode.gen/sources_1/bd/dsode_system/hw_handoff/dsode_system.hwh"
    for path in (bit, hwh):  # what Vivado would leave there
        path.parent.mkdir(parents=True)
        path.write_text(path.name)
    (tmp_path / "dsode_cfg_pkg.sv").write_text("")

    def run(*args, wns="0.1"):
        args = args or ("zcu104", tmp_path / "dsode_cfg_pkg.sv", out)
        result = subprocess.run(["tclsh", STUB, wns, BOARD / "build.tcl", *map(str, args)], capture_output=True, text=True)
        return result, [line.split("\t") for line in result.stdout.splitlines()], out

    return run


@pytest.fixture
def calls(build):
    result, calls, _ = build()
    assert result.returncode == 0, result.stderr
    return calls


def named(calls, name):
    return [call[1:] for call in calls if call[0] == name]


def addresses(calls):
    """{interface or segment: (address, range)} of a block design, by address space."""
    spaces = {}
    for words in named(calls, "assign_bd_address"):
        given = dict(zip(words[:-1:2], words[1:-1:2]))
        spaces.setdefault(given["-target_address_space"], {})[words[-1]] = (int(given["-offset"], 16), given["-range"])
    return spaces


@needs_tclsh
def test_the_build_hands_over_bitstream_and_description_side_by_side(build):
    result, calls, out = build()
    assert result.returncode == 0, result.stderr
    assert (out / "dsode.bit").read_text() == "dsode_system_wrapper.bit"
    assert (out / "dsode.hwh").read_text() == "dsode_system.hwh"
    assert named(calls, "write_hw_platform")[0][-1] == str(out / "dsode.xsa")
    assert [run[0] for run in named(calls, "launch_runs")] == ["synth_1", "impl_1"]
    assert {Path(call[-1]).name for name in ("report_utilization", "report_timing_summary") for call in named(calls, name)} \
        == {"utilization.rpt", "utilization_hierarchical.rpt", "timing.rpt"}


@needs_tclsh
def test_a_bitstream_that_misses_its_timing_is_not_handed_over(build):
    result, _, out = build(wns="-0.2")
    assert result.returncode != 0
    assert "timing is not met" in result.stderr
    assert not (out / "dsode.bit").exists()


@needs_tclsh
def test_the_build_says_how_it_is_called(build):
    result, _, _ = build("zcu104")
    assert result.returncode != 0
    assert "usage: vivado" in result.stderr


@needs_tclsh
@pytest.mark.parametrize("target", ["zcu104", "zcu104-1024"])
def test_the_clock_is_that_of_the_target(build, tmp_path, target):
    _, calls, _ = build(target, tmp_path / "dsode_cfg_pkg.sv", tmp_path / "out")
    clock = [call for call in named(calls, "set_property") if call[-1] == "clock"][0][1]
    mhz = re.search(r"^clock_mhz = (\d+)$", text_of(ROOT / "fpga" / target / "target.toml"), re.M)[1]
    assert f"CONFIG.CLKOUT1_REQUESTED_OUT_FREQ {mhz}" in clock


@needs_tclsh
def test_the_ip_has_every_module_packages_first(calls, tmp_path):
    files = named(calls, "add_files")[0][1].split()
    assert [Path(name).name for name in files[:2]] == ["dsode_cfg_pkg.sv", "dsode_pkg.sv"]
    assert Path(files[-1]) == BOARD / "dsode_wrapper.v"
    assert {Path(name) for name in files[1:-1]} == {*ROOT.glob("rtl/core/*.sv"), *ROOT.glob("rtl/lib/*.sv")}
    assert len(set(files)) == len(files)


@needs_tclsh
def test_every_connection_is_of_cells_that_exist_and_every_cell_is_connected(calls):
    cells = {call[-1] for call in named(calls, "create_bd_cell")}
    pins = [pin for name in ("connect_bd_net", "connect_bd_intf_net") for call in named(calls, name) for pin in call]
    assert {pin.split("/")[0] for pin in pins} == cells
    driven = [call[1] for name in ("connect_bd_net", "connect_bd_intf_net") for call in named(calls, name)]
    assert len(set(driven)) == len(driven), "a pin has two drivers"


@needs_tclsh
def test_every_port_of_the_wrapper_is_connected(calls):
    connected = {pin for name in ("connect_bd_net", "connect_bd_intf_net") for call in named(calls, name) for pin in call}
    assert {pin for pin in connected if pin.startswith("accelerator/")} == \
        {f"accelerator/{port}" for port in ("aclk", "aresetn", "irq", "s_axi", "s_axis", "m_axis")}


@needs_tclsh
def test_the_dma_is_in_simple_mode_as_the_driver_drives_it(calls):
    properties = [call for call in named(calls, "set_property") if call[-1] == "dma"][0][1].split()
    values = dict(zip(properties[::2], properties[1::2]))
    assert values["CONFIG.c_include_sg"] == "0"
    assert values["CONFIG.c_mm2s_burst_size"] == values["CONFIG.c_s2mm_burst_size"] == "256"
    assert values["CONFIG.c_addr_width"] == "32"
    width = re.search(r"size_t\{1\} << (\d+)\) - 1", text_of(ROOT / "src/accel/axi_dma.h"))[1]
    assert values["CONFIG.c_sg_length_width"] == width


# --- the device tree --------------------------------------------------------------------------------------------------


def overlay_nodes():
    """{name: (address or None, {property: value})} of dsode.dtso."""
    text = re.sub(r"//.*", "", text_of(BOARD / "dsode.dtso"))
    nodes = {}
    for name, _, address, body in re.findall(r"\w+: ([\w-]+)(@([0-9a-f]+))? \{(.*?)\};", text, re.S):
        nodes[name] = (int(address, 16) if address else None, dict(re.findall(r"([\w,#-]+) = (.*?);", body)))
    return nodes


@needs_tclsh
def test_addresses_of_the_overlay_are_those_of_the_block_design(calls):
    spaces, nodes = addresses(calls), overlay_nodes()
    for node, interface in (("dsode", "accelerator/s_axi"), ("dsode-dma", "dma/S_AXI_LITE")):
        address, size = spaces["ps/Data"][interface]
        assert nodes[node][0] == address
        assert nodes[node][1]["reg"] == f"<0x0 {address:#x} 0x0 {int(size.rstrip('K')) * 1024:#x}>"
    assert spaces["dma/Data_MM2S"] == spaces["dma/Data_S2MM"] == {"ps/SAXIGP2/HP0_DDR_LOW": (0, "2G")}


@needs_tclsh
def test_interrupts_of_the_overlay_are_those_of_the_block_design(calls):
    inputs = {call[0]: int(call[1][-1]) for call in named(calls, "connect_bd_net") if call[1].startswith("interrupts/In")}
    nodes = overlay_nodes()
    for node, pin in (("dsode", "accelerator/irq"), ("dsode-dma", "dma/s2mm_introut")):
        assert nodes[node][1]["interrupts"] == f"<0 {89 + inputs[pin]} 4>"


def test_names_of_the_overlay_are_those_that_the_driver_looks_for():
    header = text_of(ROOT / "src/accel/uio_transport.h")
    names = dict(re.findall(r'(\w+) = "([\w-]+)"', re.search(r"struct UioDevices \{(.*?)\};", header, re.S)[1]))
    nodes = overlay_nodes()
    assert names["accelerator"] in nodes and names["dma"] in nodes
    assert {nodes[node][1]["device-name"] for node in ("dsode-in", "dsode-out")} == {f'"{names["in"]}"', f'"{names["out"]}"'}


@pytest.mark.skipif(not shutil.which("dtc"), reason="needs dtc (Debian: device-tree-compiler)")
def test_the_overlay_compiles(tmp_path):
    result = subprocess.run(["dtc", "-@", "-I", "dts", "-O", "dtb", "-o", tmp_path / "dsode.dtbo", BOARD / "dsode.dtso"],
                            capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


# --- the wrapper ------------------------------------------------------------------------------------------------------


def ports_of(path):
    """{name: direction} of the first module of a file."""
    header = re.search(r"^module .*?\);$", text_of(path), re.M | re.S)[0]
    return {name: direction for direction, name in
            re.findall(r"\b(input|output)\s+(?:wire|logic)\s*(?:\[[^\]]*\]\s*)?(\w+)", header)}


def test_the_wrapper_connects_each_port_of_the_core_by_its_name():
    core, wrapper = ports_of(ROOT / "rtl/core/dsode_top.sv"), ports_of(BOARD / "dsode_wrapper.v")
    connections = dict(re.findall(r"\.(\w+)\((\w*)\)", text_of(BOARD / "dsode_wrapper.v")))
    assert connections.pop("UseDsp") == "1"   # the slices that dsodenet synth counts
    assert set(connections) == set(core)
    special = {"clk_i": "aclk", "rst_ni": "aresetn", "s_axil_awaddr_i": "awaddr", "s_axil_araddr_i": "araddr"}
    for port, net in connections.items():
        if port.startswith("probe_"):
            assert net == ""
            continue
        assert net == special.get(port, re.sub(r"_[io]$", "", port).replace("s_axil_", "s_axi_"))
        if net not in ("awaddr", "araddr"):
            assert wrapper[net] == core[port]


def test_the_wrapper_is_clean_under_verilator(binary):
    # The smallest target's is the quickest; the core itself is checked for each by lint.dsode_top.*.
    package = binary.parent / "rtl" / "grid-4x4x1" / "dsode_cfg_pkg.sv"
    folders = "lib", "core", "sim"
    core = [path for folder in folders for path in ROOT.glob(f"rtl/{folder}/*.sv") if path.name != "dsode_pkg.sv"]
    result = subprocess.run(["verilator", "--lint-only", "-Wall", "--top-module", "dsode_wrapper", ROOT / "rtl/lint.vlt", package,
                             ROOT / "rtl/core/dsode_pkg.sv", *core, BOARD / "dsode_wrapper.v"], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


# --- PYNQ -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("pynq_example", BOARD / "pynq_example.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_has_the_registers_of_the_header(example):
    assert example.REGISTERS == registers_of_header()
    header = text_of(ROOT / "src/accel/registers.h")
    for name, value in {"kMagic": example.MAGIC, "kVersion": example.VERSION, "kStart": example.START, "kLoad": example.LOAD,
                        "kReset": example.RESET, "kModelValid": example.MODEL_VALID, "kLoading": example.LOADING}.items():
        assert int(re.search(rf"\b{name} = (0x[0-9a-f]+|\d+)", header)[1], 0) == value


@needs_tclsh
def test_the_example_names_cells_of_the_block_design(example, calls):
    assert {example.ACCELERATOR, example.DMA} <= {call[-1] for call in named(calls, "create_bd_cell")}


class FakeBoard:
    """Registers, and PYNQ's DMA object: keeps what is sent, gives `scores`."""

    def __init__(self, example, scores):
        self.names = {address: name for name, address in example.REGISTERS.items()}
        self.values = {"Id": example.MAGIC, "Version": 1, "Fingerprint": 7, "Status": 2, "Errors": 0}
        self.sent, self.written = [], []
        self.sendchannel = SimpleNamespace(transfer=lambda buffer: self.sent.append(buffer.copy()), wait=lambda: None)
        self.recvchannel = SimpleNamespace(idle=True, transfer=lambda buffer: np.copyto(buffer, np.array(scores, "<i4").view("<u4")))

    def read(self, address):
        return self.values.get(self.names[address], 0)

    def write(self, address, value):
        self.written.append((self.names[address], value))


def test_the_example_loads_a_model_and_reads_signed_scores(example):
    board = FakeBoard(example, [5, -3, 7])
    accelerator = example.Accelerator(board, board, lambda n: np.zeros(n, np.uint32))
    accelerator.load(np.array([example.MAGIC, 7, 7, 2 << 0 | 1 << 24, 2, 3, 0], np.uint32))
    assert accelerator.run(np.arange(6).reshape(1, 2, 3)).tolist() == [5, -3, 7]
    assert board.sent[1].tolist() == [0x03020100, 0x00000504]
    assert board.written == [("Control", 2), ("Images", 1), ("Control", 1)]
    with pytest.raises(ValueError, match="takes 6"):
        accelerator.run(np.zeros((1, 1, 3)))


def test_the_example_refuses_a_model_of_another_target_and_tells_errors(example):
    board = FakeBoard(example, [0])
    accelerator = example.Accelerator(board, board, lambda n: np.zeros(n, np.uint32))
    with pytest.raises(RuntimeError, match="another target"):
        accelerator.load(np.array([example.MAGIC, 7, 8, 2, 2, 3, 0], np.uint32))
    board.values["Errors"] = 0x10
    with pytest.raises(RuntimeError, match="0x10"):
        accelerator.load(np.array([example.MAGIC, 7, 7, 2, 2, 3, 0], np.uint32))


# --- selftest ---------------------------------------------------------------------------------------------------------


def test_selftest_passes_in_simulation(dsodenet):
    result = dsodenet("selftest", "--target", "grid-4x4x1", "--models", 3, "--json")
    assert result.returncode == 0, result.stderr
    assert result.json["models"] == 3 and result.json["images"] == 15
    assert result.json["mismatches"] == 0 and result.json["compared"] > 15
    assert f"0 of {result.json['compared']} values differ" in result.stdout


def test_selftest_names_what_is_not_there(dsodenet):
    refused(dsodenet("selftest", "--device", "uio"), 2, "dsode", "docs/zcu104.md")
    refused(dsodenet("selftest", "--device", "gpu"), 2, "--device gpu", "sim")
    refused(dsodenet("selftest", "--device", "uio:dma"), 2, "'dma'", "uio:accelerator=uio4")
    refused(dsodenet("selftest", "--models", 0), 2, "--models")
    refused(dsodenet("selftest", "--target", "zcu105"), 2, "zcu105")
