"""tools/check_includes.py finds each kind of fault, and nothing in a tree without one."""
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "tools" / "check_includes.py"

README = """
| folder | what lives there | may include |
|---|---|---|
| `base/` | errors | - |
| `data/` | readers | base |
| `model/` | modules | base, torch |
| `train/` | loop | data, model |
| `cli/` | verbs | all |
"""
HEADER = "// What it is for.\n#pragma once\n"


def write(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.fixture
def tree(tmp_path):
    """A small source tree without a fault."""
    write(tmp_path, "src/README.md", README)
    write(tmp_path, "src/base/error.h", HEADER)
    write(tmp_path, "src/data/idx.cc", '#include <vector>\n#include "base/error.h"\n#include "data/idx.h"\n')
    write(tmp_path, "src/model/conv.h", HEADER + "#include <torch/nn.h>\n")
    write(tmp_path, "src/train/loop.cc", '#include <torch/torch.h>\n#include "base/error.h"\n')
    write(tmp_path, "src/cli/main.cc", '#include <ATen/ATen.h>\n#include "train/loop.h"\n#include "data/idx.h"\n')
    write(tmp_path, "src/data/idx_test.cc", '#include "train/loop.h"\n')
    return tmp_path


def check(root):
    return subprocess.run([sys.executable, SCRIPT, "--root", root], capture_output=True, text=True)


def test_a_sound_tree_passes(tree):
    result = check(tree)
    assert (result.returncode, result.stderr) == (0, "")


def test_this_repository_passes():
    result = check(SCRIPT.parent.parent)
    assert result.returncode == 0, result.stderr


FAULTS = {
    "include against the arrows": (
        "src/data/idx.cc", '\n#include "model/conv.h"\n', "src/data/idx.cc:2: \"model/conv.h\": data may not include model"),
    "header against the arrows": (
        "src/base/error.h", HEADER + '#include "data/idx.h"\n', "src/base/error.h:3: \"data/idx.h\": base may not"),
    "include without its folder": ("src/data/idx.cc", '#include "idx.h"\n', "src/data/idx.cc:1: \"idx.h\" does not start"),
    "include of an unknown folder": ("src/data/idx.cc", '#include "../base/error.h"\n', "does not start with a folder"),
    "torch outside its folders": ("src/data/idx.cc", "#include <torch/torch.h>\n", "<torch/torch.h> may not be included by data"),
    "ATen outside its folders": ("src/base/a.cc", "  #  include <ATen/ATen.h>\n", "<ATen/ATen.h> may not"),
    "c10 outside its folders": ("src/base/a.cc", "#include <c10/util/Half.h>\n", "may not be included by base"),
    "meaningless file name": ("src/data/utils.cc", "", "src/data/utils.cc: 'utils' says nothing"),
    "meaningless part of a name": ("src/data/image_helpers.h", HEADER, "'helpers' says nothing"),
    "meaningless folder": ("src/data/common/a.cc", "", "src/data/common: 'common' says nothing"),
    "meaningless test name": ("tests/misc.py", "", "tests/misc.py: 'misc'"),
    "header without a comment": ("src/data/idx.h", "#pragma once\n", "src/data/idx.h:1: a header starts with a comment"),
    "header without pragma": ("src/data/idx.h", "// Reads.\n#include <vector>\n", "src/data/idx.h: #pragma once"),
    "empty header": ("src/data/idx.h", "", "src/data/idx.h: #pragma once"),
    "folder without a row": ("src/quant/a.cc", "", "src/quant: no row"),
    "cycle in the table": ("src/README.md", README.replace("| errors | - |", "| errors | data |"), "base reaches itself"),
    "row without a folder": ("src/README.md", README + "| `quant/` | ints | base |\n", "table's quant does not exist"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named(tree, fault):
    path, text, message = FAULTS[fault]
    write(tree, path, text)
    result = check(tree)
    assert result.returncode == 1
    assert message in result.stderr


@pytest.mark.parametrize("readme, message", [
    ("no table here", "no row of the form"),
    (README.replace("data, model", "data, modle"), "train may include modle: no such row"),
])
def test_an_unreadable_table_is_an_error_of_its_own(tree, readme, message):
    write(tree, "src/README.md", readme)
    result = check(tree)
    assert result.returncode == 2
    assert message in result.stderr
