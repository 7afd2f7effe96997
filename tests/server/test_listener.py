import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import numpy as np
import pytest

from background_remover.cli.program import main
from background_remover.errors import Error, ModelError, OptionError
from background_remover.server.listener import listener, serve
from background_remover.server.settings import ServerSettings
from tests.conftest import png
from tests.waiting import wait_until


def test_an_unknown_model_or_a_taken_port_is_an_error(bright):
    with pytest.raises(OptionError, match="known"):
        listener(ServerSettings("nonsense", port=0))
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Error, match="choose another"):
        listener(ServerSettings(str(bright), port=taken.getsockname()[1]))
    with pytest.raises(Error, match="choose another"):
        listener(ServerSettings(str(bright), host="no.such.host.invalid", port=0))


def test_a_broken_network_ends_it(tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"broken")
    with pytest.raises(ModelError, match="broken"):
        serve(ServerSettings(str(tmp_path / "broken.onnx"), port=0))


def test_videos_need_an_extra_and_a_place_for_their_files(bright, tmp_path, monkeypatch):
    settings = ServerSettings(str(bright), port=0, video=True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(Error, match=r"missing: can't be written to .* TMPDIR"):
        serve(settings)
    monkeypatch.syspath_prepend(tmp_path)
    for fault, message in (
        ("raise ModuleNotFoundError(\"No module named 'av'\")", r"No module named 'av'\): pip install '.*\[video\]'"),
        ("raise ImportError('libavcodec.so: not there')", "needs an extra .libavcodec.so: not there"),
        ("import os; os._exit(9)", "--video: what opens videos can't be loaded; install it again"),
    ):
        (tmp_path / "av.py").write_text(fault)
        with pytest.raises(Error, match=message):
            serve(settings)


def test_the_token_comes_from_the_environment_as_well(monkeypatch, bright):
    given = []
    monkeypatch.setattr("background_remover.server.listener.serve", given.append)
    monkeypatch.setenv("BACKGROUND_REMOVER_TOKEN", "quiet")
    assert main(["serve", "--model", str(bright)]) == 0
    assert main(["serve", "--model", str(bright), "--token", "loud"]) == 0
    assert [settings.token for settings in given] == ["quiet", "loud"]


def test_the_command_says_so(tmp_path, capfd):
    (tmp_path / "broken.onnx").write_bytes(b"broken")
    assert main(["serve", "--model", str(tmp_path / "broken.onnx"), "--port", "0"]) == 1
    assert main(["serve", "--port", "70000"]) == 2
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_the_work_in_hand_is_done_before_it_ends(number, status, bright):
    command = [sys.executable, "-m", "background_remover", "serve", "--port", "0", "--model", str(bright)]
    picture = png(np.random.default_rng(0).integers(0, 255, (3000, 3000, 3), np.uint8))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        line = server.stderr.readline()
        address = line.rsplit(" ", 1)[1].strip()
        assert "listening on http://127.0.0.1:" in line
        answers: list[httpx.Response] = []
        asking = threading.Thread(
            target=lambda: answers.append(httpx.post(f"{address}/remove", content=picture, timeout=None))
        )
        asking.start()
        wait_until(lambda: "background_remover_working 1.0" in httpx.get(f"{address}/metrics", timeout=None).text)
        server.send_signal(number)
        asking.join()
        assert server.wait() == status
        assert "Traceback" not in server.stderr.read()
    assert [answer.status_code for answer in answers] == [200]
    assert Path(command[0]).exists()
