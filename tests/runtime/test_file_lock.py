import os
import signal
import subprocess
import sys

from background_remover.runtime.file_lock import lock


def test_one_has_it_until_it_is_closed(tmp_path):
    one, other = (os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2))
    assert lock(one)
    assert not lock(other)
    os.close(one)
    assert lock(other)
    os.close(other)


def test_a_process_that_is_killed_has_it_no_more(tmp_path):
    command = "import os, sys; from background_remover.runtime.file_lock import lock; "
    command += "print(lock(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)), flush=True); sys.stdin.read()"
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", command, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"True\n"
    file = os.open(path, os.O_RDWR)
    assert not lock(file)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert lock(file)
    os.close(file)
