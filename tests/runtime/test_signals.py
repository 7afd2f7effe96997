import signal
import subprocess
import sys

import pytest

from background_remover.runtime.signals import interrupt_event


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_noted_and_then_the_old_handler_is_back(number):
    before = signal.getsignal(number)
    with interrupt_event() as noted:
        assert not noted.is_set()
        signal.raise_signal(number)
        assert noted.is_set()
    assert signal.getsignal(number) is before


def test_the_second_interrupt_ends_the_process():
    code = (
        "import signal\n"
        "from background_remover.runtime.signals import interrupt_event\n"
        "with interrupt_event() as noted:\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "    print(noted.is_set(), flush=True)\n"
        "    signal.raise_signal(signal.SIGINT)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert (ran.stdout.strip(), ran.returncode) == (b"True", -signal.SIGINT)
