#!/usr/bin/env python3
"""Reproduces the accuracy tables of docs/results.md.

    tools/results.py supervised        with labels: dsodenet-t, odenet-t, resnet-t on MNIST and Fashion-MNIST
    tools/results.py digits            MNIST <-> USPS: source-only and every adaptation method
    tools/results.py quantized         integer models of dsodenet-t, trained and adapted, with and without fine-tuning
    tools/results.py onnx              exported models in ONNX Runtime beside ours, on 2,000 Fashion-MNIST images

Each run lands in runs/results/ and is not repeated where its results exist; mean and standard deviation over the seeds
are printed as Markdown. `--jobs 2` runs two at a time with one thread each.
"""

import argparse
import gzip
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = {"dsodenet-t": ["--model", "dsodenet-t"], "dsodenet-t-wide": ["--model", "dsodenet-t", "--widths", "16,64,128"],
          "odenet-t": ["--model", "odenet-t"], "resnet-t": ["--model", "resnet-t"]}
METHODS = ["adabn", "coral", "mmd", "dann", "fixmatch", "shot"]
SUPERVISED = {"mnist": ["--augment", "digits"], "fashion-mnist": ["--augment", "none"]}
ROWS = {"mnist": ["dsodenet-t", "odenet-t", "resnet-t"],  # of the supervised table
        "fashion-mnist": ["dsodenet-t", "dsodenet-t-wide", "odenet-t", "resnet-t"]}
SOURCES = {"mnist": ["--epochs", "2"], "usps": ["--epochs", "12"]}


class Runner:
    def __init__(self, options):
        self.binary = options.binary
        self.out = pathlib.Path(options.out)
        self.threads = ["--threads", "1" if options.jobs > 1 else "0"]
        self.kernels = options.kernels

    def run(self, verb, *arguments, folder=None):
        """The verb's JSON; from `folder`'s results.json where that exists."""
        stored = self.out / folder / "results.json" if folder else None
        if stored and stored.exists():
            return json.loads(stored.read_text())
        command = [self.binary, verb, *map(str, arguments), *self.threads, "--quiet", "--json"]
        if folder:
            command += ["--out", str(self.out / folder), "--force"]
        print("  " + shlex.join(command), file=sys.stderr, flush=True)
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    def evaluate(self, checkpoint, data, statistics_kind="running"):
        return self.run("eval", "--checkpoint", self.out / checkpoint, "--data", data, "--statistics", statistics_kind)["accuracy"]


def mean_and_spread(values):
    spread = statistics.stdev(values) if len(values) > 1 else 0
    return f"{statistics.mean(values):.2f} ± {spread:.2f}"


def table(header, rows):
    print("\n| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def train(runner, model, data, epochs, seed):
    """The folder of the run, and what train said of it."""
    folder = f"supervised/{model}-{data}-{epochs}-{seed}" + ("" if runner.kernels == "on" else "-" + runner.kernels)
    return folder, runner.run("train", *MODELS[model], "--data", data, "--epochs", epochs, "--seed", seed,
                              "--kernels", runner.kernels, *SUPERVISED[data], folder=folder)


def supervised(runner, options):
    def one(job):
        data, model, seed = job
        folder, trained = train(runner, model, data, options.epochs, seed)
        return trained["params"], runner.evaluate(folder, data), runner.evaluate(folder, data, "batch")

    wanted = [(d, m) for d in options.data for m in ROWS[d] if m in options.models]
    jobs = [(*row, seed) for row in wanted for seed in options.seeds]
    with ThreadPoolExecutor(options.jobs) as pool:
        done = dict(zip(jobs, pool.map(one, jobs)))
    rows = []
    for data, model in wanted:
        parameters, running, batch = zip(*(done[data, model, seed] for seed in options.seeds))
        rows.append([data, model, f"{parameters[0]:,}", mean_and_spread(running), mean_and_spread(batch), str(len(running))])
    table(["data", "model", "parameters", "test accuracy, running statistics", "batch statistics", "seeds"], rows)


def adapted(runner, source_folder, source, target, test, method, seed):
    folder = f"adapt/{source}-{target}-{method}-{seed}".replace("+", "-")
    return runner.run("adapt", "--checkpoint", runner.out / source_folder, "--source", source, "--target", target,
                      "--method", method, "--eval-data", test, "--seed", seed, folder=folder)


def adaptation_table(title, results, methods):
    print(f"\n{title}")
    rows = [["source-only", mean_and_spread([r["source_only"] for r in results[methods[0]]]), "", ""]]
    for method in methods:
        mine = results[method]
        rows.append([method, mean_and_spread([r["adapted"] for r in mine]), mean_and_spread([r["oracle_best"] for r in mine]),
                     mine[0]["selected_by"]])
    table(["method", "label-free pick", "oracle", "selected by"], rows)


def digits(runner, options):
    for source, target in [("mnist", "usps"), ("usps", "mnist")]:
        def one(seed):
            folder = f"source/{source}-{seed}"
            runner.run("train", "--data", source, *SOURCES[source], "--seed", seed, folder=folder)
            return [adapted(runner, folder, source, target, target + ":test", m, seed) for m in options.methods]

        with ThreadPoolExecutor(options.jobs) as pool:
            by_seed = list(pool.map(one, options.seeds))
        adaptation_table(f"{source} -> {target}", {m: [r[i] for r in by_seed] for i, m in enumerate(options.methods)},
                         options.methods)


def trained(runner, data, seed):
    folder, _ = train(runner, "dsodenet-t", data, 4, seed)
    return folder, data, data + ":test", []


def adapted_to_usps(runner, seed):
    source = f"source/mnist-{seed}"
    runner.run("train", "--data", "mnist", *SOURCES["mnist"], "--seed", seed, folder=source)
    adapted(runner, source, "mnist", "usps", "usps:test", "shot", seed)
    return f"adapt/mnist-usps-shot-{seed}", "usps", "usps:test", []


def adapted_to_camera(runner, seed):
    folder = f"demo-{seed}"
    runner.run("demo", "--seed", seed, folder=folder)
    return f"{folder}/adapt", "fashion-mnist[50%:100%]+camera", "fashion-mnist:test+camera", ["--augment", "weak"]


# The float model, and how it is quantised without any label.
QUANTIZED = {"fashion-mnist": lambda r, s: trained(r, "fashion-mnist", s), "mnist": lambda r, s: trained(r, "mnist", s),
             "mnist -> usps": adapted_to_usps, "fashion-mnist -> camera": adapted_to_camera}
KINDS = {"8 bit": [], "8 bit, qat": ["--qat"], "4-bit weights": ["--weight-bits", 4],
         "4-bit weights, qat": ["--weight-bits", 4, "--qat"]}


def quantized(runner, options):
    def one(job):
        name, seed = job
        folder, data, test, more = QUANTIZED[name](runner, seed)
        return [runner.run("quantize", "--checkpoint", runner.out / folder, "--data", data, "--eval-data", test,
                           "--sensitivity-images", 0, "--seed", seed, *KINDS[kind], *(more if "qat" in kind else []),
                           folder=f"quantized/{folder}/{kind}".replace(" ", "-").replace(",", "")) for kind in KINDS]

    jobs = [(name, seed) for name in QUANTIZED for seed in options.seeds]
    with ThreadPoolExecutor(options.jobs) as pool:
        done = dict(zip(jobs, pool.map(one, jobs)))
    rows = []
    for name in QUANTIZED:
        mine = [done[name, seed] for seed in options.seeds]
        lost = [mean_and_spread([r[i]["accuracy_float"] - r[i]["accuracy_int"] for r in mine]) for i in range(len(KINDS))]
        rows.append([name, mean_and_spread([r[0]["accuracy_float"] for r in mine]), *lost])
    table(["model", "float, %", *(f"{kind}: points lost" for kind in KINDS)], rows)


def onnx(runner, options):
    sys.path.insert(0, str(ROOT / "build/python"))  # where ./dev setup puts ONNX Runtime; with /usr/bin/python3
    import numpy as np
    import onnxruntime

    count, data = 2000, "fashion-mnist"
    raw = pathlib.Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz").read_bytes()
    pixels = np.frombuffer(gzip.decompress(raw), np.uint8)[16:].reshape(-1, 28, 28, 1)[:count]

    def scores(artifact, kind):
        model, table = runner.out / f"{kind}.onnx", runner.out / f"{kind}.csv"
        runner.run("export", "--checkpoint", artifact, "--format", kind, "--out", model, "--force")
        runner.run("predict", "--checkpoint", artifact, "--data", data, "--limit", count, "--logits", "--out", table,
                   "--force")
        session = onnxruntime.InferenceSession(os.fspath(model), providers=["CPUExecutionProvider"])
        return np.loadtxt(table, delimiter=",", skiprows=1)[:, 3:], session.run(["logits"], {"pixels": pixels})[0]

    folder = runner.out / trained(runner, data, 1)[0]
    quantised = f"quantized/{folder.relative_to(runner.out)}/8-bit"
    runner.run("quantize", "--checkpoint", folder, "--data", data, "--sensitivity-images", 0, folder=quantised)
    rows = []
    for artifact, kind in ((folder, "onnx"), (runner.out / quantised, "onnx-qdq")):
        ours, theirs = scores(artifact, kind)
        ours, theirs = (x - x.max(1, keepdims=True) for x in (ours, theirs))  # the golden engine counts from the largest
        rows.append([kind, f"{100 * (ours.argmax(1) == theirs.argmax(1)).mean():.2f}", f"{np.abs(ours - theirs).max():.1e}"])
    table(["model", "same predictions, %", "largest difference of logits"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["supervised", "digits", "quantized", "onnx"])
    parser.add_argument("--binary", default=str(ROOT / "build/release/dsodenet"))
    parser.add_argument("--out", default=str(ROOT / "runs/results"))
    parser.add_argument("--seeds", default="1,2,3", type=lambda t: [int(s) for s in t.split(",")])
    parser.add_argument("--models", default=",".join(MODELS), type=lambda t: t.split(","))
    parser.add_argument("--data", default=",".join(SUPERVISED), type=lambda t: t.split(","))
    parser.add_argument("--methods", default=",".join(METHODS), type=lambda t: t.split(","))
    parser.add_argument("--epochs", default=4, type=int, help="of supervised training")
    parser.add_argument("--kernels", default="on", choices=["on", "bf16", "off"], help="of supervised training")
    parser.add_argument("--jobs", default=os.cpu_count() or 1, type=int)
    options = parser.parse_args()
    {"supervised": supervised, "digits": digits, "quantized": quantized, "onnx": onnx}[options.what](
        Runner(options), options)


if __name__ == "__main__":
    main()
