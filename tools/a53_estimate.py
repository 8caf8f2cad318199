#!/usr/bin/env python3
"""How long the loops of bench/a53/plain_int8_bench.cc take for an image on a Cortex-A53, and here.

    tools/a53_estimate.py                      dsodenet-t and dsodenet-b
    tools/a53_estimate.py runs/q/model.safetensors --json
    tools/a53_estimate.py --out fpga/software.json    what the report and docs/results.md quote

There is no A53 here. clang compiles the loops for it; llvm-mca tells the cycles of each loop's own instructions, once
with every unit busy and nothing waiting (bound), once in order with latencies (simulated); the calls of a model tell how
often each loop goes round. The estimate is the simulation and the misses of the first cache. Of libdsode's NEON kernels
it tells the same of the two loops that multiply alone: no norms, no ends of rows, no misses.

The range is an error seen, not a promise: the same is done for this CPU, where time can be measured. The largest factor
by which the simulation is off for one of the kernels here, either way, is allowed above the estimate and below it, where
the range goes down to the bound without misses if that is less.
"""

import argparse
import ctypes
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import plain_model

ROOT = pathlib.Path(__file__).resolve().parent.parent
A53 = ["--target=aarch64-linux-gnu", "-mcpu=cortex-a53"]
A53_MCA = ["-mtriple=aarch64-linux-gnu", "-mcpu=cortex-a53"]
CLOCK_MHZ = 1200
# The NEON kernels: source, the instruction that multiplies and adds, the functions of the two loops that do.
NEON = {"fp32": ("separable/separable_neon.cc", "fmla", {"depthwise": "depthwiseILi1Ef", "product": "product_tileILi8ELi2Ef"}),
        "int8": ("integer/integer_neon.cc", "smlal",
                 {"depthwise": r"depthwise\w*IntegerSeparable", "product": "productERKNS0_14IntegerProduct"})}
# Cortex-A53: a miss of the first cache that the second serves costs 13 cycles (Hennessy & Patterson, 6th edition,
# as others quote it); lines of 64 bytes. The 32 KiB of the first are taken to hold what a call left there where that is half.
MISS_CYCLES, LINE, RESIDENT = 13, 64, 16 << 10
ITERATIONS = 1000
BLOCK = re.compile(r"^(\.LBB\w+:|(//|#) %bb\.\d+:)")
HEADER = re.compile(r"=>\s*This (?:Inner )?Loop Header: Depth=(\d+)")
MEMBER = re.compile(r"in Loop: Header=(\w+) Depth=(\d+)")


class Loop:
    """A loop of a function: its depth, and its instructions without those of the loops inside."""

    def __init__(self, depth):
        self.depth, self.instructions = depth, []


def read_loops(assembly, function):
    """The loops of a function in the order of their headers in the assembly that clang wrote, with its comments."""
    start = re.search(rf"^{re.escape(function)}:", assembly, re.M)
    if not start:
        sys.exit(f"no function {function} in the assembly")
    loops, headers, current = {}, [], None
    for line in assembly[start.end():].split(".Lfunc_end", 1)[0].splitlines():
        if block := BLOCK.match(line):
            label, current = block[1].strip(".:").removeprefix("L"), None
        if header := HEADER.search(line):
            current = loops.setdefault(label, Loop(int(header[1])))
            headers.append(current)
        elif member := MEMBER.search(line):
            current = loops.setdefault(member[1], Loop(int(member[2])))  # it may lie before its header
        code = re.split(r"//|#(?![\w-])", line)[0].strip()
        if current and line.startswith("\t") and code and not code.startswith("."):
            current.instructions.append(code)
    return headers


def checked_loops(assembly, function):
    """Those of a kernel; ends where they are not the loops of its source."""
    loops = read_loops(assembly, function)
    depths = [loop.depth for loop in loops]
    if depths != plain_model.KERNELS[function][0]:
        sys.exit(f"{function}: the loops lie {depths} deep in the assembly, {plain_model.KERNELS[function][0]} in the source")
    if any(re.match(r"(bl|call)\b", code) for loop in loops for code in loop.instructions):
        sys.exit(f"{function}: a loop calls a function, whose cycles nobody counts")
    return loops


def output(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr}")
    return done.stdout


def loop_cycles(tools, options, mca_options, kernels):
    """{kernel: [(bound, simulated) cycles of a trip of each loop]}."""
    assembly = output(tools.clang, *options, "-std=c++20", "-O3", "-ffreestanding", "-S", plain_model.SOURCE, "-o", "-")
    loops = {kernel: checked_loops(assembly, kernel) for kernel in kernels}
    regions = simulate(tools, mca_options, {f"{kernel}.{i}": loop for kernel in kernels
                                            for i, loop in enumerate(loops[kernel])})
    return {kernel: [regions[f"{kernel}.{i}"] for i in range(len(loops[kernel]))] for kernel in kernels}


def simulate(tools, mca_options, loops):
    """{region: (bound, simulated)} of {region: loop}."""
    text = ""
    for name, loop in loops.items():
        text += f"# LLVM-MCA-BEGIN {name}\n" + "".join(f"\t{code}\n" for code in loop.instructions) + "# LLVM-MCA-END\n"
    return read_mca(output(tools.mca, *mca_options, f"-iterations={ITERATIONS}", "-json", input=text))


def read_mca(text):
    """{region: (bound, simulated)} cycles an iteration, of what llvm-mca -json wrote."""
    regions = {}
    for region in json.loads(text)["CodeRegions"]:
        summary = region["SummaryView"]
        regions[region["Name"]] = summary["BlockRThroughput"], summary["TotalCycles"] / summary["Iterations"]
    return regions


def busiest_loop(assembly, function, instruction):
    """(loop, multiply-accumulates of a trip): of the functions whose names have this in them, the loop with the largest
    share of that instruction, each of which makes four."""
    loops = [loop for name in re.findall(rf"^([\w$]*{function}[\w$]*):", assembly, re.M) for loop in read_loops(assembly, name)]
    if not loops:
        sys.exit(f"no loop of a function {function} in the assembly")

    def count(loop):
        return sum(code.startswith(instruction) for code in loop.instructions)

    best = max(loops, key=lambda loop: count(loop) / max(1, len(loop.instructions)))
    return best, 4 * count(best)


def neon_cycles(tools):
    """{precision: {loop: (bound, simulated) cycles a multiply-accumulate}} of the NEON kernels' loops on the A53."""
    cycles = {}
    for precision, (source, instruction, functions) in NEON.items():
        assembly = output(tools.clang, *A53, "-std=c++20", "-O3", "-ffreestanding", f"-I{ROOT / 'src'}", "-S",
                          ROOT / "src/kernels" / source, "-o", "-")
        loops = {name: busiest_loop(assembly, function, instruction) for name, function in functions.items()}
        regions = simulate(tools, A53_MCA, {name: loop for name, (loop, _) in loops.items()})
        cycles[precision] = {name: [each / macs for each in regions[name]] for name, (_, macs) in loops.items()}
    return cycles


def neon_image(plan, cycles):
    """(bound, simulated) cycles of an image in those loops alone."""
    loops = [(step.macs, cycles["depthwise" if step.kernel.startswith("dwconv") else "product"]) for step in plan.steps]
    return [sum(macs * loop[i] for macs, loop in loops) for i in range(2)]


def memory_cycles(step):
    """What the second cache adds: each line that a call reads or writes missed, unless all of it lies in the first."""
    moved = step.maps + step.weights
    return 0 if moved <= RESIDENT else moved / LINE * MISS_CYCLES


def count(plan, cycles):
    """{kernel: {calls, macs, bound, simulated, memory}} of an image, in cycles."""
    kernels = {}
    for step in plan.steps:
        row = kernels.setdefault(step.kernel, dict(calls=0, macs=0, bound=0, simulated=0, memory=0))
        row["calls"] += 1
        row["macs"] += step.macs
        row["memory"] += memory_cycles(step)
        for i, key in enumerate(("bound", "simulated")):
            row[key] += sum(trips * loop[i] for trips, loop in zip(step.trips, cycles[step.kernel]))
    return kernels


def total(kernels, *keys):
    return sum(row[key] for row in kernels.values() for key in keys)


# --- this CPU -------------------------------------------------------------------------------------------------------


def host_cpu(clang):
    """The CPU's name to clang; without features that this clang does not know it to have."""
    said = subprocess.run([clang, "-march=native", "-###", "-c", "-x", "c++", "/dev/null"], capture_output=True, text=True)
    return re.search(r'"-target-cpu" "([^"]+)"', said.stderr)[1]


def fastest(work, seconds=1.0):
    """The least CPU time, in seconds, of `work(1)`, which `work(n)` does n times: others use this machine too."""
    def timed(rounds):
        start = time.thread_time()
        work(rounds)
        return (time.thread_time() - start) / rounds

    rounds = 1
    while timed(rounds) * rounds < 0.002:  # long beside the clock's ticks, short beside the scheduler's
        rounds *= 2
    end = time.thread_time() + seconds
    least = timed(rounds)
    while time.thread_time() < end:
        least = min(least, timed(rounds))
    return least


def clock_hz(clang, folder):
    """Of this core, from a chain of multiplications, which take 3 cycles each on x86 since 2008."""
    source = folder / "chain.c"
    source.write_text('void chain(long n) { long x = 3; for (long i = 0; i < n; ++i) __asm__ volatile("' +
                      "imul %0, %0\\n" * 10 + '" : "+r"(x)); }\n')
    output(clang, "-x", "c", "-O2", "-shared", "-fPIC", source, "-o", folder / "chain.so")
    chain = ctypes.CDLL(str(folder / "chain.so")).chain
    return 30 * 1000 / fastest(lambda rounds: chain(ctypes.c_long(1000 * rounds)))


def measure(plan, loops):
    """Seconds of an image, and of each kernel's calls in it."""
    def seconds(steps):
        calls = (plain_model.Call * len(steps))(*(step.call for step in steps))
        return fastest(lambda rounds: loops.run(calls, len(steps), rounds))

    kernels = {step.kernel for step in plan.steps}
    return seconds(plan.steps), {k: seconds([s for s in plan.steps if s.kernel == k]) for k in kernels}


# --- what it prints -------------------------------------------------------------------------------------------------


def table(header, rows):
    print("\n| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def ranged(result, key, cores=1):
    return "{:.2f} ({:.2f} to {:.2f})".format(*(result[key + end] / cores for end in ("", "_lo", "_hi")))


def print_kernels(result):
    rows = []
    for name, k in result["kernels"].items():
        per_mac = [f"{k[key] / k['macs']:.2f}" if k["macs"] else "" for key in ("bound", "simulated")]
        milliseconds = (k["simulated"] + k["memory"]) / (1000 * CLOCK_MHZ)
        rows.append([name, str(k["calls"]), f"{k['macs']:,}", *per_mac, f"{k['memory']:,.0f}", f"{milliseconds:.3f}",
                     f"{k['x86_ratio']:.2f}"])
    print(f"\n{result['model']}, an image on one Cortex-A53:")
    table(["loops", "calls", "MACs", "cycles a MAC, bound", "simulated", "cycles of misses", "ms at 1.2 GHz",
           "x86: measured / simulated"], rows)


def print_summary(results, host):
    rows = [[r["model"], f"{r['macs']:,}", ranged(r, "a53_ms"), ranged(r, "a53_ms", 4), f"{r['x86_ms']:.3f}",
             f"{r['x86_simulated_ms']:.3f}", f"{r['x86_ratio']:.2f}"] for r in results]
    table(["model", "MACs", "A53, one core, estimate, ms", "four cores, a quarter, ms", "this core, measured, ms",
           "this core, simulated, ms", "measured / simulated"], rows)
    print(f"\nThis core: {host['name']}, {host['cpu']} to clang, {host['clock_mhz']:.0f} MHz while it multiplies.")


def print_neon(neon, results):
    table(["NEON kernels, one A53: the loops that multiply, alone", "cycles a MAC, depthwise", "pointwise"]
          + [f"{r['model']}, ms" for r in results],
          [[precision, *(f"{neon[precision][loop][1]:.3f}" for loop in ("depthwise", "product")),
            *(ranged(r, f"neon_{precision}_ms") for r in results)] for precision in neon])


def in_range(key, bound, cycles, off):
    """Milliseconds on the A53, of an estimate that is off by up to that factor."""
    least, milliseconds = bound / (1000 * CLOCK_MHZ), cycles / (1000 * CLOCK_MHZ)
    return {key: milliseconds, f"{key}_lo": min(least, milliseconds / off), f"{key}_hi": milliseconds * off}


def estimate(model, tools, folder, a53, neon, x86, loops, hz):
    artifact = pathlib.Path(model)
    if not artifact.is_file():
        artifact = folder / model / "model.safetensors"
        output(tools.vectors, artifact.parent, model)
    plan = plain_model.Plan(artifact)
    kernels, here = count(plan, a53), count(plan, x86)
    whole, apart = measure(plan, loops)
    for name, seconds in apart.items():
        kernels[name]["x86_ratio"] = seconds * hz / here[name]["simulated"]
    ratio = whole * hz / total(here, "simulated")
    # Of the kernels that an image spends time in.
    off = max(max(k["x86_ratio"], 1 / k["x86_ratio"]) for k in kernels.values()
              if k["simulated"] > total(kernels, "simulated") / 100)
    result = {"model": model, "macs": total(kernels, "macs")}
    result |= in_range("a53_ms", total(kernels, "bound"), total(kernels, "simulated", "memory"), off)
    for precision, cycles in neon.items():
        result |= in_range(f"neon_{precision}_ms", *neon_image(plan, cycles), off)
    return {**result,
            "x86_ms": 1000 * whole, "x86_simulated_ms": 1000 * total(here, "simulated") / hz, "x86_ratio": ratio,
            "kernels": kernels}


def summary(everything):
    """Without the kernels, in four digits."""
    def short(value):
        return {k: short(v) for k, v in value.items() if k != "kernels"} if isinstance(value, dict) else (
            [short(v) for v in value] if isinstance(value, list) else
            float(f"{value:.4g}") if isinstance(value, float) else value)

    return short(everything)


def cpu_name():
    found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return found[1] if found else "unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=["dsodenet-t", "dsodenet-b"], help="names or artifacts")
    parser.add_argument("--clang", default="clang-14", help="Debian: clang-14")
    parser.add_argument("--mca", default="llvm-mca-14", help="Debian: llvm-14")
    parser.add_argument("--vectors", default=str(ROOT / "build/dev/write_vectors"), help="makes a named model")
    parser.add_argument("--json", action="store_true", help="one line of JSON last")
    parser.add_argument("--out", type=pathlib.Path, help="write the summary there, as JSON")
    tools = parser.parse_args()
    cpu = host_cpu(tools.clang)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        kernels = list(plain_model.KERNELS)
        a53 = loop_cycles(tools, A53, A53_MCA, kernels)
        neon = neon_cycles(tools)
        x86 = loop_cycles(tools, [f"-march={cpu}"], [f"-mcpu={cpu}"], kernels)
        loops = plain_model.compile_loops(tools.clang, folder / "loops.so", f"-march={cpu}")
        hz = clock_hz(tools.clang, folder)
        results = [estimate(model, tools, folder, a53, neon, x86, loops, hz) for model in tools.models]
    host = {"name": cpu_name(), "cpu": cpu, "clock_mhz": hz / 1e6}
    for result in results:
        print_kernels(result)
    print_summary(results, host)
    print_neon(neon, results)
    everything = {"clock_mhz": CLOCK_MHZ, "compiler": output(tools.clang, "--version").splitlines()[0], "host": host,
                  "neon_cycles_a_mac": {precision: {loop: cycles[1] for loop, cycles in loops.items()}
                                        for precision, loops in neon.items()},
                  "models": results}
    if tools.json:
        print(json.dumps(everything))
    if tools.out:
        tools.out.write_text(json.dumps(summary(everything), indent=2) + "\n")


if __name__ == "__main__":
    main()
