"""tools/a53_estimate.py on assembly and answers of llvm-mca that are written here: neither tool is needed."""
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import a53_estimate  # noqa: E402
import plain_model  # noqa: E402

# Two loops, one inside of the other, whose end lies before its header.
ASSEMBLY = """
other:                                  // @other
.LBB0_1:                                // =>This Inner Loop Header: Depth=1
	add	x9, x9, #9
	b.ne	.LBB0_1
.Lfunc_end0:
centre:                                 // @centre
// %bb.0:
	mov	x8, #1
.LBB1_2:                                //   in Loop: Header=BB1_3 Depth=1
	add	x1, x1, #2
.LBB1_3:                                // =>This Loop Header: Depth=1
                                        //     Child Loop BB1_4 Depth 2
	.p2align	4
	mov	x9, #3                          // a comment
.LBB1_4:                                //   Parent Loop BB1_3 Depth=1
                                        // =>  This Inner Loop Header: Depth=2
	ldr	q4, [x22, x14]
	b.ne	.LBB1_4
// %bb.5:                               //   in Loop: Header=BB1_3 Depth=1
	b.lt	.LBB1_2
.LBB1_6:
	ret
.Lfunc_end1:
"""


def test_a_loop_has_its_own_instructions_alone():
    outer, inner = a53_estimate.read_loops(ASSEMBLY, "centre")
    assert (outer.depth, inner.depth) == (1, 2)
    assert outer.instructions == ["add\tx1, x1, #2", "mov\tx9, #3", "b.lt\t.LBB1_2"]
    assert inner.instructions == ["ldr\tq4, [x22, x14]", "b.ne\t.LBB1_4"]


def test_comments_of_other_assemblers_are_read_too():
    x86 = ASSEMBLY.replace("//", "#").replace("#3", "$3")
    assert [loop.instructions[-1] for loop in a53_estimate.read_loops(x86, "centre")] == ["b.lt\t.LBB1_2", "b.ne\t.LBB1_4"]


def test_loops_that_are_not_those_of_the_source_are_refused():
    assert len(a53_estimate.checked_loops(ASSEMBLY, "centre")) == 2
    with pytest.raises(SystemExit, match="1, 1.* deep in the assembly"):
        a53_estimate.checked_loops(ASSEMBLY.replace("Depth=2", "Depth=1"), "centre")
    with pytest.raises(SystemExit, match="calls a function"):
        a53_estimate.checked_loops(ASSEMBLY.replace("ldr\tq4, [x22, x14]", "bl\tmemset"), "centre")
    with pytest.raises(SystemExit, match="no function"):
        a53_estimate.read_loops(ASSEMBLY, "pool")


def test_reads_the_bound_and_the_simulation_of_a_region():
    answer = {"CodeRegions": [{"Name": "pool.1", "SummaryView": {"BlockRThroughput": 16, "TotalCycles": 3601,
                                                                 "Iterations": 100}}]}
    assert a53_estimate.read_mca(json.dumps(answer)) == {"pool.1": (16, 36.01)}


def test_cycles_are_trips_times_those_of_each_loop():
    call = SimpleNamespace(height=3, width=5, in_=32)
    trips = plain_model.KERNELS["dwconv"][1](call)
    assert trips == [3, 15, 30, 60]
    step = SimpleNamespace(kernel="dwconv", macs=9 * 15 * 32, trips=trips, maps=1000, weights=24)
    plan = SimpleNamespace(steps=[step, step])
    counted = a53_estimate.count(plan, {"dwconv": [(1, 2), (10, 20), (100, 200), (1000, 2000)]})["dwconv"]
    assert counted == {"calls": 2, "macs": 2 * step.macs, "bound": 2 * 63153, "simulated": 2 * 126306, "memory": 0}


def test_of_the_neon_kernels_the_two_loops_that_multiply_count():
    plan = SimpleNamespace(steps=[SimpleNamespace(kernel="dwconv_wide", macs=100), SimpleNamespace(kernel="increment", macs=10),
                                  SimpleNamespace(kernel="affine", macs=0)])
    assert a53_estimate.neon_image(plan, {"depthwise": (1, 2), "product": (3, 5)}) == [130, 250]


def test_the_busiest_loop_is_that_with_the_largest_share_of_the_instruction():
    loop, macs = a53_estimate.busiest_loop(ASSEMBLY.replace("ldr\tq4, [x22, x14]", "fmla\tv0.4s, v1.4s, v2.4s"), "centr", "fmla")
    assert loop.depth == 2 and macs == 4


def test_the_range_reaches_down_to_the_bound():
    cycles = 1000 * a53_estimate.CLOCK_MHZ
    assert a53_estimate.in_range("ms", cycles, 6 * cycles, 2) == {"ms": 6, "ms_lo": 1, "ms_hi": 12}
    assert a53_estimate.in_range("ms", 5 * cycles, 6 * cycles, 2) == {"ms": 6, "ms_lo": 3, "ms_hi": 12}


def test_what_does_not_fit_the_first_cache_costs_a_miss_a_line():
    assert a53_estimate.memory_cycles(SimpleNamespace(maps=10000, weights=6000)) == 0
    assert a53_estimate.memory_cycles(SimpleNamespace(maps=16384, weights=64)) == 257 * 13
