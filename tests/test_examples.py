"""The example apps, driven by their own clients where those large libraries are installed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import png

FOLDER = Path(__file__).parents[1] / "examples"
ASKING = """
import sys
from gradio_client import Client, handle_file
from PIL import Image
sys.path.insert(0, sys.argv[1])
from app_gradio import app
_, address, _ = app.launch(prevent_thread_lock=True, quiet=True)
client = Client(address, verbose=False)
for behind in ("none", "red"):
    with Image.open(client.predict(handle_file(sys.argv[2]), behind, api_name="/remove")) as cutout:
        print(cutout.mode, cutout.size)
"""  # in a process of its own, for it leaves sockets open


def test_gradio_gives_the_cutout_and_puts_a_colour_behind(tmp_path, photo):
    if importlib.util.find_spec("gradio") is None:
        pytest.skip("gradio isn't installed: pip install gradio")
    (tmp_path / "photo.png").write_bytes(png(photo))
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
    command = [sys.executable, "-c", ASKING, FOLDER, tmp_path / "photo.png"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ran.stdout.splitlines()[-2:] == ["RGBA (120, 90)", "RGB (120, 90)"], ran.stderr


@pytest.mark.filterwarnings("default")  # what its libraries say of each other
def test_streamlit_shows_the_cutout_and_says_what_is_no_picture(photo):
    testing = pytest.importorskip("streamlit.testing.v1", reason="streamlit isn't installed: pip install streamlit")
    app = testing.AppTest.from_file(FOLDER / "app_streamlit.py", default_timeout=60).run()
    (chooser,) = app.file_uploader
    chooser.upload("photo.png", png(photo), "image/png").run()
    assert (len(app.exception), len(app.error)) == (0, 0)
    assert [type(part).__name__ for part in app.main][-1] == "DownloadButton"
    app.file_uploader[0].upload("notes.txt", b"no picture", "text/plain").run()
    assert "not a picture of a known format" in app.error[0].value
