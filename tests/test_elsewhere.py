"""The C++ example of docs/elsewhere.md is compiled and run, where onnxruntime's headers are installed."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from background_remover import models
from background_remover.segmentation.network import Network

PAGE = Path(__file__).parents[1] / "docs" / "elsewhere.md"
HEADERS = Path(os.environ.get("ONNXRUNTIME_INCLUDE", "/usr/include/onnxruntime"))
LIBRARIES = sorted((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*"))
READ = """
std::ifstream file("picture.raw", std::ios::binary);
file.read(reinterpret_cast<char *>(image.data()), image.size());
"""
WRITE = 'std::ofstream("alpha.raw", std::ios::binary).write(reinterpret_cast<const char *>(alpha), 256 * 320 * 4);'


@pytest.mark.skipif(shutil.which("g++") is None, reason="g++ isn't installed: apt-get install g++")
@pytest.mark.skipif(
    not (HEADERS / "onnxruntime_cxx_api.h").is_file(),
    reason="onnxruntime's headers aren't installed: apt-get install libonnxruntime-dev (Debian 13), or name their "
    "folder by ONNXRUNTIME_INCLUDE",
)
@pytest.mark.skipif(not LIBRARIES, reason="this onnxruntime has no library of its own beside Python's: pip install it")
def test_the_example_in_cpp_answers_what_the_network_answers(tmp_path):
    (example,) = re.findall(r"```cpp\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    head, _, body = example.partition("\n\n")
    body = re.sub(r"(std::vector<uint8_t> image.*\n)", lambda line: line.group() + READ, body)
    program = f"#include <fstream>\n{head}\nint main() {{\n{body}\n{WRITE}\n}}\n"
    (tmp_path / "example.cpp").write_text(program, encoding="utf-8")
    (tmp_path / "unet-lite2.onnx").symlink_to(models.locate("unet-lite2"))
    (tmp_path / "libonnxruntime.so.1").symlink_to(LIBRARIES[-1])

    picture = np.random.default_rng(0).integers(0, 256, (1, 256, 320, 3), np.uint8)
    picture[:, 60:200, 80:240] //= 4
    picture.tofile(tmp_path / "picture.raw")
    compile_ = [
        "g++",
        "-std=c++17",
        "example.cpp",
        f"-I{HEADERS}",
        "./libonnxruntime.so.1",
        "-Wl,-rpath,.",
        "-o",
        "run",
    ]
    for command in (compile_, ["./run"]):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    alpha = np.fromfile(tmp_path / "alpha.raw", np.float32).reshape(1, 256, 320)
    wanted = Network(models.locate("unet-lite2")).predict(picture)
    assert wanted.std() > 1e-4
    np.testing.assert_allclose(alpha, wanted, atol=1e-5)
