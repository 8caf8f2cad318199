"""libdsode as it is installed: what it links and exports, and examples/c built against it and run."""
import csv
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tiny_sets import idx_bytes, write_gz

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 2 << 20  # bytes of the stripped library
SYSTEM = re.compile(r"libstdc\+\+|libm|libgcc_s|libc|ld-linux.*")
OLD_CPU = ["qemu-x86_64", "-cpu", "Nehalem"]  # has no AVX
SEEDS = ROOT / "fuzz/corpus/runtime"
# Models of `models`, the engine of `predict` that runs each, and height and width of its pictures.
MODELS = [("graph.safetensors", "run", (28, 28)), ("model.safetensors", "int8", (28, 28)),
          ("kernels_euler.safetensors", "run", (6, 5)), ("kernels_int.safetensors", "int8", (6, 5))]


def output(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def needed_by(program):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", program))


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    build = os.environ.get("DSODENET_BUILD") or pytest.skip("set DSODENET_BUILD to the build folder")
    prefix = tmp_path_factory.mktemp("installed")
    output("cmake", "--install", build, "--component", "runtime", "--prefix", prefix, "--strip")
    library = next(prefix.rglob("libdsode.so"))
    needed = needed_by(library)
    if any(re.match("lib[atu]b?san", name) for name in needed):
        pytest.skip("a sanitizer's library: large, and no plain program can link it")
    return SimpleNamespace(prefix=prefix, library=library.resolve(), folder=library.parent, needed=needed)


def build_by_cmake(library, installed, folder):
    """The example, linked with that target of the installed package."""
    source = folder / "source"
    shutil.copytree(ROOT / "examples/c", source)
    lists = source / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace("dsode::dsode", library))
    output("cmake", "-S", source, "-B", folder, f"-DCMAKE_PREFIX_PATH={installed.prefix}")
    output("cmake", "--build", folder)


@pytest.fixture(scope="session", params=["pkg-config", "pkg-config --static", "dsode::dsode", "dsode::dsode_static"])
def classify(request, installed, tmp_path_factory):
    """classify(model, picture, *more) -> CompletedProcess of the example, built by one of the ways there are."""
    folder = tmp_path_factory.mktemp("example")
    program = folder / "classify"
    if request.param.startswith("dsode::"):
        build_by_cmake(request.param, installed, folder)
    else:
        flags = output(*request.param.split(), "--cflags", "--libs", "dsode",
                       env={**os.environ, "PKG_CONFIG_PATH": str(installed.folder / "pkgconfig")}).split()
        if "--static" in request.param:
            flags = [str(installed.folder / "libdsode.a") if flag == "-ldsode" else flag for flag in flags]
        output("cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", ROOT / "examples/c/classify.c",
               *flags, "-lm", "-o", program)
    assert ("static" in request.param) == ("libdsode.so.0" not in needed_by(program))

    def run(*arguments, emulator=()):
        return subprocess.run([*emulator, program, *map(str, arguments)], capture_output=True, text=True,
                              env={**os.environ, "LD_LIBRARY_PATH": str(installed.folder)})

    return run


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder with model.safetensors, integers, graph.safetensors, the floats it was made of, picture.pgm, and two of the
    fuzzer's seeds."""
    vectors = os.environ.get("DSODENET_VECTORS") or pytest.skip("set DSODENET_VECTORS to the built write_vectors")
    folder = tmp_path_factory.mktemp("models")
    output(vectors, folder, "dsodenet-t")
    for name in ("kernels_euler", "kernels_int"):
        shutil.copy(SEEDS / name, folder / f"{name}.safetensors")
    write_picture(folder / "picture.pgm", pixels_of((28, 28)))
    return folder


def pixels_of(size):
    return (np.arange(size[0] * size[1]) ** 2 * 37 % 256).astype(np.uint8).reshape(size)


def write_picture(path, pixels):
    height, width = pixels.shape
    path.write_bytes(b"P5\n%d %d\n255\n" % (width, height) + pixels.tobytes())


def test_the_library_needs_the_system_alone_and_exports_the_c_api_alone(installed):
    assert [name for name in installed.needed if not SYSTEM.fullmatch(name.split(".so")[0])] == []
    exported = [line.split()[-1] for line in output("nm", "-D", "--defined-only", installed.library).splitlines()]
    assert exported and all(name.startswith("dsode_") for name in exported)
    declared = re.findall(r"(dsode_\w+)\(", re.sub(r"/\*.*?\*/", "", (ROOT / "src/run/dsode/runtime.h").read_text(),
                                                   flags=re.S))
    assert sorted(exported) == sorted(declared)


def test_the_library_is_small(installed):
    assert installed.library.stat().st_size < LIMIT


@pytest.mark.parametrize("name", ["model.safetensors", "graph.safetensors"])
def test_the_example_gives_the_same_answer_on_any_number_of_threads(classify, models, name):
    answers = [classify(models / name, models / "picture.pgm", threads) for threads in (1, 3)]
    assert all(answer.returncode == 0 for answer in answers), answers
    assert answers[0].stdout == answers[1].stdout
    assert re.fullmatch(r".+ [01]\.\d{3}\n", answers[0].stdout)


@pytest.mark.parametrize("name, engine, size", MODELS)
def test_the_example_says_what_predict_says(classify, models, dsodenet, tmp_path, name, engine, size):
    pixels = pixels_of(size)
    write_picture(tmp_path / "picture.pgm", pixels)
    write_gz(tmp_path / "one-images.idx.gz", idx_bytes(pixels[None]))
    predicted = dsodenet("predict", "--checkpoint", models / name, "--engine", engine, "--data", "idx:one",
                         "--out", "p.csv")
    assert predicted.returncode == 0, predicted.stderr
    [row] = csv.DictReader((tmp_path / "p.csv").read_text().splitlines())
    label, confidence = classify(models / name, tmp_path / "picture.pgm").stdout.split()
    assert label == row["label"]
    assert float(confidence) == pytest.approx(float(row["confidence"]), abs=0.00051)


@pytest.mark.skipif(not shutil.which("qemu-x86_64"), reason="needs qemu-user")
@pytest.mark.parametrize("name", ["model.safetensors", "graph.safetensors"])
def test_one_binary_runs_on_a_cpu_without_avx(classify, models, name):
    here = classify(models / name, models / "picture.pgm")
    there = classify(models / name, models / "picture.pgm", emulator=OLD_CPU)
    assert there.returncode == 0, there.stderr
    assert "on scalar" in there.stderr
    (label, confidence), (expected_label, expected) = there.stdout.rsplit(" ", 1), here.stdout.rsplit(" ", 1)
    assert label == expected_label
    assert float(confidence) == pytest.approx(float(expected), abs=0.002)


def test_what_is_no_model_or_picture_is_named(classify, models, tmp_path):
    no_model = classify("no/such", models / "picture.pgm")
    assert no_model.returncode == 1 and "no/such" in no_model.stderr
    no_picture = classify(models / "model.safetensors", models / "model.safetensors")
    assert no_picture.returncode == 1 and "not a binary picture of 28x28, grey" in no_picture.stderr
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes((models / "model.safetensors").read_bytes()[:-1])
    damaged = classify(cut, models / "picture.pgm")
    assert damaged.returncode == 1 and f"{cut}: not a valid safetensors file" in damaged.stderr
