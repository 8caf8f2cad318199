"""libdsode as it is installed: what it links and exports, and examples/c built against it and run."""
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 2 << 20  # bytes of the stripped library
SYSTEM = re.compile(r"libstdc\+\+|libm|libgcc_s|libc|ld-linux.*")
OLD_CPU = ["qemu-x86_64", "-cpu", "Nehalem"]  # has no AVX


def output(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    build = os.environ.get("DSODENET_BUILD") or pytest.skip("set DSODENET_BUILD to the build folder")
    prefix = tmp_path_factory.mktemp("installed")
    output("cmake", "--install", build, "--component", "runtime", "--prefix", prefix, "--strip")
    library = next(prefix.rglob("libdsode.so"))
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", library))
    if any(re.match("lib[atu]b?san", name) for name in needed):
        pytest.skip("a sanitizer's library: large, and no plain program can link it")
    return SimpleNamespace(prefix=prefix, library=library.resolve(), folder=library.parent, needed=needed)


@pytest.fixture(scope="session", params=["pkg-config", "pkg-config --static", "find_package"])
def classify(request, installed, tmp_path_factory):
    """classify(model, picture, *more) -> CompletedProcess of the example, built by one of the ways there are."""
    folder = tmp_path_factory.mktemp("example")
    program = folder / "classify"
    if request.param == "find_package":
        output("cmake", "-S", ROOT / "examples/c", "-B", folder, f"-DCMAKE_PREFIX_PATH={installed.prefix}")
        output("cmake", "--build", folder)
    else:
        flags = output(*request.param.split(), "--cflags", "--libs", "dsode",
                       env={**os.environ, "PKG_CONFIG_PATH": str(installed.folder / "pkgconfig")}).split()
        if "--static" in request.param:
            flags = [str(installed.folder / "libdsode.a") if flag == "-ldsode" else flag for flag in flags]
        output("cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", ROOT / "examples/c/classify.c",
               *flags, "-lm", "-o", program)

    def run(*arguments, emulator=()):
        return subprocess.run([*emulator, program, *map(str, arguments)], capture_output=True, text=True,
                              env={**os.environ, "LD_LIBRARY_PATH": str(installed.folder)})

    return run


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder with model.safetensors, integers, graph.safetensors, the floats it was made of, and picture.pgm."""
    vectors = os.environ.get("DSODENET_VECTORS") or pytest.skip("set DSODENET_VECTORS to the built write_vectors")
    folder = tmp_path_factory.mktemp("models")
    output(vectors, folder, "dsodenet-t")
    (folder / "picture.pgm").write_bytes(b"P5\n28 28\n255\n" + bytes(i * i * 37 % 256 for i in range(784)))
    return folder


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


def test_what_is_no_model_or_picture_is_named(classify, models):
    no_model = classify("no/such", models / "picture.pgm")
    assert no_model.returncode == 1 and "no/such" in no_model.stderr
    no_picture = classify(models / "model.safetensors", models / "model.safetensors")
    assert no_picture.returncode == 1 and "not a binary picture of 28x28, grey" in no_picture.stderr
