import inspect
import subprocess
import sys

import background_remover


def test_the_public_names_are_these():
    assert background_remover.__all__ == [
        "Error",
        "ImageError",
        "ModelError",
        "NoSubject",
        "OptionError",
        "Options",
        "Remover",
        "remove",
    ]


def test_each_is_there_and_explained():
    for name in background_remover.__all__:
        assert inspect.getdoc(getattr(background_remover, name)), name


def test_importing_the_package_imports_neither_network_nor_training():
    program = "import sys, background_remover; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    heavy = {"onnxruntime", "torch", "click", "background_remover.train", "background_remover.cli", "py_sod_metrics"}
    assert not heavy & set(output.split())
