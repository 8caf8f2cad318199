#!/usr/bin/env python3
"""Puts one fault at a time into the accelerator's RTL and says which of them the tests catch.

    tools/mutate_rtl.py [--build build/dev] [--only N ...] [--jobs 1]

Every mutant is verilated and run by the tests that CI runs: on grid-4x4x1 generated models with random stalls and the
protocol's, and where these pass, every generated model on grid-4x8x2, whose tiles take several steps of the drain. A
mutant that passes all has to be explained or gets a test. Exit status 1 if one survives.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The program that runs on a target, and those of its tests that need the simulator of this target alone.
TESTS = {"grid-4x4x1": ("accel_test", "Top.*:ModelPacket.*:Protocol.*:DamagedImage.*:Recovery.*:-*LargerArray"),
         "grid-4x8x2": ("models_tb", "*grid_4x8x2")}
SECONDS = 600  # a mutant that hangs is caught

# (module, what is written, what stands there instead)
MUTANTS = [
    ("lib/dsode_round", "$signed({{In{1'b0}}, 1'b1})", "$signed({{In{1'b0}}, 1'b0})"),
    ("lib/dsode_round", "value_i >>> shift_less_1_i", "value_i >> shift_less_1_i"),
    ("lib/dsode_round", "else value_o <= sign ? -Max : Max;", "else value_o <= Max;"),
    ("lib/dsode_crc32", "32'hedb88320", "32'hedb88321"),
    ("core/dsode_affine", "if (rounded < lo_i)", "if (rounded <= lo_i + 10'sd1)"),
    ("core/dsode_affine", "34'(product_q) + 34'(bias_2q)", "34'(product_q) + 34'(bias_q)"),
    ("core/dsode_requant", "acc_i + bias_i", "acc_i - bias_i"),
    ("core/dsode_dw_lane", "signed_i && taps_i[i*8+7]", "taps_i[i*8+7]"),
    ("core/dsode_window", "ky == 2 && step_q.outside_b", "ky == 2 && step_q.outside_t"),
    ("core/dsode_window", "outside ? pad_i : tap", "outside ? '0 : tap"),
    ("core/dsode_window", "kx == 0 && step_q.outside_l", "kx == 0 && step_q.outside_r"),
    ("core/dsode_pool", "step_i.first ? '0", "1'b0 ? '0"),
    ("core/dsode_reader", "pixel_q < readable_i", "pixel_q <= readable_i"),
    ("core/dsode_reader", "free_q >= (ReplayBits + 1)'(desc_i.groups_in)", "free_q >= (ReplayBits + 1)'(1)"),
    ("core/dsode_reader", "pixel_q == 20'(desc_i.width)", "pixel_q == 20'(desc_i.width) - 20'd1"),
    ("core/dsode_reader", "desc_i.stride2 && (centre_x_q[0] || centre_y_q[0])", "desc_i.stride2 && centre_x_q[0]"),
    ("core/dsode_mac_sequencer", "assign drained      = !last_channel || drain_q == '0;", "assign drained      = 1'b1;"),
    ("core/dsode_mac_sequencer", "done_tile ? desc_i.weight_base", "done_tile && !last_tile ? desc_i.weight_base + 16'd1"),
    ("core/dsode_pw_array", "first_q[Latency-1] ? '0 : acc0_q", "first_q[Latency] ? '0 : acc0_q"),
    ("core/dsode_chain", "+ 18'(sum_q[Length-1][17])", "+ 18'd0"),
    ("core/dsode_drain", "desc_i.dst == dsode_cfg_pkg::DstIncrement;", "desc_i.dst != dsode_cfg_pkg::DstActivation;"),
    ("core/dsode_drain", "lo_q <= -33'sd32768 >>> (5'd16 - desc_i.state_bits);", "lo_q <= -33'sd32767 >>> (5'd16 - desc_i.state_bits);"),
    ("core/dsode_drain", "addr_q[StateAt-1] + desc_i.add_base", "addr_q[StateAt] + desc_i.add_base"),
    ("core/dsode_time_bias", "row_words_q : row_words_q << 1", "row_words_q << 1 : row_words_q"),
    ("core/dsode_time_bias", "if (next_tile_i) {tile_x_q, tile_y_q} <= {next_x, next_y};", ""),
    ("core/dsode_sequencer", "if (issue) pending_q <= !back_free;", "if (issue) pending_q <= 1'b0;"),
    ("core/dsode_sequencer", "(results_busy_i || scores_q)", "1'b0"),
    ("core/dsode_front", "{operand_q[7] ^ pool, operand_q[6:0]}", "operand_q"),
    ("core/dsode_image_loader", "full_q[write_q] <= 1'b1;", "full_q[read_q] <= 1'b1;"),
    ("core/dsode_image_loader", "if (beat && tlast_i && !ends) early_error_o <= 1'b1;", ""),
    ("core/dsode_model_loader", "valid_o     <= tlast_i && tdata_i == ~crc_q;", "valid_o     <= tlast_i;"),
    ("core/dsode_regs", "dsode_cfg_pkg::RegErrors ? s_axil_wdata_i[8:0] : '0", "dsode_cfg_pkg::RegErrors ? '1 : '0"),
    ("core/dsode_results", "if (m_axis_tlast_o || lane_q == LaneBits'(Lanes - 1)) valid_q <= 1'b0;", "if (lane_q == LaneBits'(Lanes - 1)) valid_q <= 1'b0;"),
]


def run(command, **options):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)


def verilate(rtl, target, build, folder):
    """simulators/TARGET.so in `folder`, of the sources in `rtl`; the error's text where they do not compile."""
    sources = sorted(p for p in rtl.glob("*/*.sv") if p.parent.name in ("lib", "core", "sim"))
    sources.sort(key=lambda p: p.name != "dsode_pkg.sv")
    made = folder / target
    verilated = run(["verilator", "--cc", "-O3", "--x-initial", "unique", "--x-assign", "fast", "--noassert", "--trace-fst",
                     "--trace-depth", "1", "-Wno-fatal", "-Wno-WIDTH", "--Mdir", made, "--prefix", "Vmutant", "--top-module",
                     "dsode_top", rtl / "lint.vlt", build / f"rtl/{target}/dsode_cfg_pkg.sv", *sources])
    if verilated.returncode != 0:
        return verilated.stderr
    code = folder / f"{target}.cc"
    code.write_text('#include "Vmutant.h"\n#include "accel/verilated_core.h"\nDSODE_SIMULATOR(Vmutant)\n' +
                    "".join(f'#include "{p}"\n' for p in sorted(made.glob("*.cpp"))))
    include = pathlib.Path(run(["verilator", "--getenv", "VERILATOR_ROOT"]).stdout.strip()) / "include"
    (folder / "simulators").mkdir(exist_ok=True)
    runtime = [include / f"verilated{part}.cpp" for part in ("", "_fst_c", "_threads")]
    compiled = run(["c++", "-std=c++20", "-O1", "-w", "-shared", "-fPIC", f"-I{made}", f"-I{ROOT / 'src'}", f"-I{include}",
                    f"-I{include / 'vltstd'}", "-DVM_TRACE=1", "-DVM_TRACE_FST=1", code, *runtime,
                    "-o", folder / "simulators" / f"{target}.so", "-lz", "-pthread"])
    return compiled.stderr if compiled.returncode != 0 else ""


def outcome(index, build):
    """How the mutant ended: "caught by ...", "SURVIVED", or "invalid: ..." where it does not compile."""
    module, old, new = MUTANTS[index]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        shutil.copytree(ROOT / "rtl", folder / "rtl")
        file = folder / "rtl" / f"{module}.sv"
        text = file.read_text()
        if old not in text:
            return "invalid: its text is not in the module"
        file.write_text(text.replace(old, new))
        for target, (program, tests) in TESTS.items():
            if error := verilate(folder / "rtl", target, build, folder):
                return "invalid: " + error[:200]
            shutil.copy(build / program, folder / program)
            try:
                tested = run([folder / program, f"--gtest_filter={tests}", "--gtest_fail_fast"], timeout=SECONDS)
            except subprocess.TimeoutExpired:
                return f"caught by a test that hangs, {target}"
            if tested.returncode != 0:
                failed = [line for line in tested.stdout.splitlines() if line.startswith("[  FAILED  ]")]
                return f"caught by {failed[0].split()[3] if failed else 'a crash'}, {target}"
        return "SURVIVED"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/dev")
    parser.add_argument("--only", type=int, nargs="+", help="indices of some mutants")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    indices = options.only or range(len(MUTANTS))
    caught = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for index, result in zip(indices, pool.map(lambda i: outcome(i, options.build), indices)):
            module, old, new = MUTANTS[index]
            caught += result.startswith("caught")
            print(f"{index:2} {module}: {old}  ->  {new or '(nothing)'}\n   {result}", flush=True)
    print(f"{caught} of {len(indices)} caught")
    return 0 if caught == len(indices) else 1


if __name__ == "__main__":
    sys.exit(main())
