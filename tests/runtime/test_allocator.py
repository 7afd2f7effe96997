import platform
import subprocess
import sys

import pytest

from background_remover.runtime import allocator

PROGRAM = """
import resource, sys
import numpy as np
from background_remover.runtime.allocator import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()
for _ in range(20):
    [np.ones(2**18) for _ in range(8)]  # 16 MiB, which are 4096 pages, touched and freed
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


HOLDING = """
import numpy as np, psutil
from background_remover.runtime.allocator import return_freed_memory, keep_freed_memory

keep_freed_memory()
held = [np.ones(2**17) for _ in range(300)]  # 300 MiB, with what stays in use behind them
last = np.ones(2**17)
del held
before = psutil.Process().memory_info().rss
return_freed_memory()
print(before - psutil.Process().memory_info().rss)
"""


def has_glibc() -> bool:
    return sys.platform == "linux" and "glibc" in platform.libc_ver()[0]


@pytest.mark.skipif(not has_glibc(), reason="this C library is another")
def test_freed_memory_is_used_again():
    faults = {
        mode: int(subprocess.run([sys.executable, "-c", PROGRAM, mode], capture_output=True, check=True).stdout)
        for mode in ("kept", "given back")
    }
    assert faults["kept"] + 5 * 4096 < faults["given back"]


@pytest.mark.skipif(not has_glibc(), reason="this C library is another")
def test_kept_memory_is_given_back():
    given = int(subprocess.run([sys.executable, "-c", HOLDING], capture_output=True, check=True).stdout)
    assert given > 250 * 2**20


@pytest.mark.parametrize("error", [OSError, TypeError])
def test_another_c_library_is_left_alone(monkeypatch, error):
    def refuse(name: None) -> None:
        raise error

    monkeypatch.setattr(allocator.ctypes, "CDLL", refuse)
    allocator.keep_freed_memory()
    allocator.return_freed_memory()
