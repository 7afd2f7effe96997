import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import httpx
import numpy as np
import pytest

from background_remover.options import Options
from background_remover.server.jobs.folder import PREFIX
from background_remover.server.jobs.job_queue import JobQueue
from background_remover.server.jobs.work import VideoTask
from background_remover.server.settings import ServerSettings
from background_remover.video.conversion import write_video
from background_remover.video.removal import open_remover
from background_remover.video.settings import VideoOptions
from tests.conftest import png, serving
from tests.video.clips import clip, frames
from tests.waiting import wait_until

EVEN = tuple(range(0, 3 * 90000, 3000))
"""Time stamps of 90 frames in 3 seconds."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The folder that temporary ones are made in while this module runs."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def settings(bright) -> ServerSettings:
    return ServerSettings(str(bright), port=0, video=True, video_seconds=4, video_megabytes=1, video_megapixels=0.1)


@pytest.fixture(scope="module")
def client(settings, folder) -> Iterator[httpx.Client]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(folder))
        with serving(settings) as address, httpx.Client(base_url=address, timeout=None) as client:
            yield client


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return clip(tmp_path_factory.mktemp("clips") / "square.mp4", sound="aac")


def finished(client: httpx.Client, answer: httpx.Response) -> dict[str, object]:
    """The last state of a job."""
    assert answer.status_code == 202, answer.text
    while (state := client.get(answer.headers["location"]).json())["state"] in ("waiting", "running"):
        time.sleep(0.05)
    return state


def code(answer: httpx.Response) -> tuple[int, str]:
    said = answer.json()["error"]
    assert "\n" not in said["message"]
    assert "/" not in said["message"].replace("multipart/form-data", ""), said["message"]  # no path of the server's
    return answer.status_code, said["code"]


def test_a_body_becomes_the_video_that_the_command_writes(client, source, bright, tmp_path):
    state = finished(client, client.post("/video?format=mkv", content=source.read_bytes()))
    assert (state["state"], state["frames"], state["frames_total"], state["error"]) == ("done", 8, 8, None)
    answer = client.get(state["file"])
    assert answer.headers["content-type"] == state["type"] == "video/x-matroska"
    assert answer.headers["content-disposition"] == 'attachment; filename="cutout.mkv"'
    assert len(answer.content) == state["bytes"]
    (tmp_path / "answer.mkv").write_bytes(answer.content)
    write_video(open_remover(bright), source, tmp_path / "own.mkv", Options(), VideoOptions(), lambda *_: None)
    expected, times = frames(tmp_path / "own.mkv", "rgba")
    found, found_times = frames(tmp_path / "answer.mkv", "rgba")
    assert np.array_equal(found, expected)
    assert found_times == times


def test_a_form_takes_a_background_and_a_part_of_the_video(client, source, tmp_path):
    red = png(np.full((9, 12, 3), (200, 0, 0), np.uint8))
    answer = client.post(
        "/video",
        files={"video": ("../my clip.mp4", source.read_bytes()), "background": red},
        data={"format": "mp4", "from": "0.05", "to": "0:00.16", "no_audio": "true", "steady": "off", "quality": "90"},
    )
    state = finished(client, answer)
    assert (state["state"], state["frames"], state["name"]) == ("done", 3, "my clip.mp4")
    answer = client.get(state["file"])
    assert answer.headers["content-disposition"].endswith("my%20clip.mp4")
    (tmp_path / "answer.mp4").write_bytes(answer.content)
    found, times = frames(tmp_path / "answer.mp4")
    assert times[0] == Fraction(6000, 90000) - Fraction("0.05")
    assert np.abs(found[0, 5, 5].astype(int) - (200, 0, 0)).max() < 12
    with av.open(str(tmp_path / "answer.mp4")) as container:
        assert not container.streams.audio


def test_a_part_of_the_file_can_be_asked_for(client, source):
    state = finished(client, client.post("/video?format=gif&steady=off", content=source.read_bytes()))
    whole = client.get(state["file"]).content
    part = client.get(state["file"], headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, whole[5:10])
    assert part.headers["content-range"] == f"bytes 5-9/{len(whole)}"
    assert any("1 bit of alpha" in note for note in state["notes"])

    refused = client.get(state["file"], headers={"Range": f"bytes={len(whole)}-"})
    assert code(refused) == (416, "no_part")
    assert refused.headers["content-range"] == f"bytes */{len(whole)}"
    for nonsense in ("bytes=a-b", "bytes=5-1", "pages=1-2"):
        assert code(client.get(state["file"], headers={"Range": nonsense})) == (400, "bad_request")


def test_a_job_that_is_removed_is_gone_with_its_files(client, folder, source):
    state = finished(client, client.post("/video?steady=off", content=source.read_bytes()))
    assert list(folder.glob(f"{PREFIX}*/{state['id']}/*"))
    assert client.delete(f"/video/{state['id']}").status_code == 204
    assert not list(folder.glob(f"{PREFIX}*/{state['id']}"))
    for method, address in (("GET", ""), ("DELETE", ""), ("GET", "/file")):
        assert code(client.request(method, f"/video/{state['id']}{address}")) == (404, "not_found")


def test_a_job_that_is_worked_on_is_cancelled(client, folder, tmp_path):
    source = clip(tmp_path / "long.mp4", EVEN)
    answer = client.post("/video", content=source.read_bytes())
    state = answer.json()
    assert (state["frames_total"], state["file"]) == (90, None)
    assert code(client.get(f"/video/{state['id']}/file")) == (409, "not_done")
    assert client.delete(answer.headers["location"]).status_code == 204
    assert client.get(answer.headers["location"]).status_code == 404
    wait_until(lambda: not list(folder.glob(f"{PREFIX}*/{state['id']}")))


def test_a_client_that_goes_away_before_the_answer_leaves_no_job(client, folder, source, monkeypatch):
    begun, checked = threading.Event(), JobQueue.check

    def slow(queue: JobQueue, task: VideoTask) -> int:
        begun.set()
        time.sleep(0.5)
        return checked(queue, task)

    monkeypatch.setattr(JobQueue, "check", slow)
    before = {path.name for path in folder.glob(f"{PREFIX}*/*")}
    data = source.read_bytes()
    with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
        head = f"POST /video?steady=off HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n"
        connection.sendall(head.encode() + data)
        begun.wait()
    wait_until(lambda: {path.name for path in folder.glob(f"{PREFIX}*/*")} == before)


def test_without_a_subject_a_job_fails_and_says_so(client, tmp_path):
    black = clip(tmp_path / "black.mp4", (0, 3000), (60, 8))
    state = finished(client, client.post("/video?from=0.02&only_mask=true&threshold=1", content=black.read_bytes()))
    assert (state["state"], state["error"]["code"], state["file"]) == ("failed", "no_subject", None)
    assert code(client.get(f"/video/{state['id']}/file")) == (422, "no_subject")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"format": "mp4"}, (422, "invalid_option")),
        ({"format": "png"}, (422, "invalid_option")),
        ({"format": "gif", "quality": "9"}, (422, "invalid_option")),
        ({"points": "1,1"}, (422, "invalid_option")),
        ({"crop": "true"}, (422, "invalid_option")),
        ({"mask": "a.png"}, (422, "invalid_option")),
        ({"background": "beach.jpg"}, (422, "invalid_option")),
        ({"matting": "closed-form"}, (422, "invalid_option")),
        ({"from": "2", "to": "1"}, (422, "invalid_option")),
        ({"from": "soon"}, (422, "invalid_option")),
        ({"steady": "perhaps"}, (422, "invalid_option")),
        ({"no_audio": "perhaps"}, (422, "invalid_option")),
        ({"colour": "red"}, (422, "invalid_option")),
        ({"max_megapixels": "2"}, (422, "invalid_option")),
        ({"from": "9"}, (422, "invalid_image")),
    ],
)
def test_fields_that_are_refused(client, folder, source, fields, expected):
    assert code(client.post("/video", params=fields, content=source.read_bytes())) == expected
    assert code(client.post("/video", files={"video": source.read_bytes()}, data=fields)) == expected


def refused(client: httpx.Client, path: Path) -> tuple[int, str]:
    return code(client.post("/video", content=path.read_bytes()))


def test_videos_that_are_refused(client, folder, source, tmp_path):
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\nfile://{source}\n#EXT-X-ENDLIST\n")
    assert refused(client, playlist) == (415, "unknown_format")
    (tmp_path / "list.ffconcat").write_text("ffconcat version 1.0\nfile video\n")
    assert refused(client, tmp_path / "list.ffconcat") == (415, "unknown_format")
    (tmp_path / "a.png").write_bytes(png(np.zeros((9, 9, 3), np.uint8)))
    assert refused(client, tmp_path / "a.png") == (415, "unknown_format")
    assert refused(client, clip(tmp_path / "hdr.mp4", curve=18)) == (422, "invalid_image")
    assert refused(client, clip(tmp_path / "long.mp4", (0, 5 * 90000))) == (413, "too_long")
    assert refused(client, clip(tmp_path / "dense.mp4", range(0, 60_000, 100))) == (413, "too_long")
    assert refused(client, clip(tmp_path / "large.mp4", (0, 3000), (400, 400))) == (413, "too_many_pixels")
    assert code(client.post("/video", content=bytes(1_000_001))) == (413, "too_many_bytes")
    assert code(client.post("/video", content=iter([bytes(600_000)] * 2))) == (413, "too_many_bytes")
    assert code(client.post("/video")) == (422, "no_image")
    assert code(client.post("/video", files={"background": b"x"})) == (422, "no_image")
    assert code(client.post("/video", files={"image": b"x"})) == (422, "invalid_option")
    files = {"video": source.read_bytes(), "background": png(np.zeros((9, 9, 4), np.uint8))}
    assert client.post("/video", files=files).json()["error"]["code"] == "invalid_image"
    answer = client.post("/video", files=files | {"background": source.read_bytes()})
    assert answer.json()["error"]["code"] == "unknown_format"
    assert "leave it out" in client.post("/video?mask=a.png", content=source.read_bytes()).json()["error"]["message"]
    twice = [("video", source.read_bytes())] * 2
    assert code(client.post("/video", files=twice)) == (422, "invalid_option")
    header = {"Content-Type": "multipart/form-data; boundary=b"}
    assert code(client.post("/video", content=b"nothing", headers=header)) == (400, "bad_request")


def test_what_was_refused_leaves_nothing(client, folder, source):
    """After all of the above."""
    names = {path.name for path in folder.glob(f"{PREFIX}*/*")}
    assert all(client.get(f"/video/{name}").status_code == 200 for name in names)


def test_videos_are_counted(client, source):
    finished(client, client.post("/video?steady=off", content=source.read_bytes()))
    text = client.get("/metrics").text
    assert 'background_remover_videos_total{state="done"}' in text
    assert "background_remover_videos_waiting 0.0" in text
    assert 'requests_total{path="/video/{id}",status="200"}' in text
    assert client.get("/openapi.json").json()["paths"].keys() >= {"/video", "/video/{id}", "/video/{id}/file"}
    assert client.get("/page.json").json()["video"] == {
        "max_seconds": 4,
        "max_megabytes": 1,
        "max_megapixels": 0.1,
    }


def test_they_are_off_unless_asked_for(bright, source):
    with serving(ServerSettings(str(bright), port=0)) as address, httpx.Client(base_url=address) as client:
        for answer in (client.post("/video", content=source.read_bytes()), client.get("/video/abc/file")):
            assert answer.status_code == 404
            assert "--video" in answer.json()["error"]["message"]
            assert "pip install 'background-remover[video]'" in answer.json()["error"]["message"]
        assert "/video" not in client.get("/openapi.json").json()["paths"]
        assert client.get("/page.json").json()["video"] is None


def test_they_want_the_token_and_no_foreign_page_and_go_with_the_server(settings, source, tmp_path, monkeypatch):
    """With processes for pictures as well: jobs are of the one process that answers."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    key = {"X-Api-Key": "secret"}
    wanted = replace(settings, token="secret", processes=True, workers=1, cors="https://shop.example")
    with serving(wanted) as address, httpx.Client(base_url=address, timeout=None, headers=key) as client:
        shop = {"Origin": "https://shop.example"}
        answer = client.post("/video?steady=off", content=source.read_bytes(), headers=shop)
        assert "location" in answer.headers["access-control-expose-headers"].lower()
        state = finished(client, answer)
        asked = {"Access-Control-Request-Method": "DELETE"} | shop
        assert client.options(answer.headers["location"], headers=asked).status_code == 200
        for method, path in (("POST", ""), ("GET", f"/{state['id']}"), ("DELETE", f"/{state['id']}")):
            assert httpx.request(method, f"{address}/video{path}").status_code == 401
        assert httpx.get(f"{address}{state['file']}").status_code == 401
        evil = {"Origin": "https://evil.example"}
        assert client.delete(f"/video/{state['id']}", headers=evil).status_code == 403
        assert client.get(state["file"]).status_code == 200
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())
