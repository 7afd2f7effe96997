import asyncio

import pytest
from starlette.requests import Request

from background_remover.server.errors import RequestError
from background_remover.server.request.body import MAX_FIELD_BYTES, MAX_FIELDS, Body, Budget, ClientDisconnect, Reader

FORM = "multipart/form-data; boundary=b"


def part(name: str, data: bytes, filename: str | None = None) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n"


def read(
    chunks: list[bytes],
    kind: str = "image/png",
    *,
    length: int | None = None,
    max_bytes: int = 1_000_000,
    budget: Budget | None = None,
    pause: float = 0,
    timeout: float = 5,
    gone: bool = False,
    pictures: tuple[str, ...] = (),
    repeated: bool = False,
) -> Body:
    """What a `Reader` makes of a body that comes in chunks; checks that it gives back what it took."""
    headers = [(b"content-type", kind.encode())]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    waiting = list(chunks)
    budget = Budget(10_000_000) if budget is None else budget
    held = budget.held

    async def receive() -> dict[str, object]:
        await asyncio.sleep(pause)
        if not waiting:
            return {"type": "http.disconnect"}
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting) or gone}

    async def main() -> Body:
        request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
        reader = Reader(request, budget, max_bytes=max_bytes, timeout=timeout, pictures=pictures, repeated=repeated)
        try:
            return await reader.read()
        finally:
            reader.release()
            assert budget.held == held

    return asyncio.run(main())


def refusal(*given: object, **options: object) -> str:
    with pytest.raises(RequestError) as refused:
        read(*given, **options)
    return refused.value.code


def test_a_raw_body_comes_whole():
    assert read([b"ab", b"", b"cd"]) == Body(raw=b"abcd")


def test_a_form_is_taken_apart():
    whole = part("crop", b"true") + part("image", b"PICTURE" * 1000, "a.png") + part("grow", b"2") + b"--b--\r\n"
    chunks = [whole[start : start + 99] for start in range(0, len(whole), 99)]
    assert read(chunks, FORM) == Body(texts=[("crop", "true"), ("grow", "2")], files={"image": b"PICTURE" * 1000})


@pytest.mark.parametrize(
    "more",
    [
        b"",
        b"; filename*=UTF-8''caf%C3%A9.png",
        b"; filename*=UTF-8''a.png\r\nContent-Type: image/png",
        b'; filename=""',
        b"\r\nContent-Type: image/png",
        b"\r\nContent-Type: text/plain",
    ],
)
def test_a_picture_without_a_file_name_is_taken(more):
    data = bytes(range(256)) * 40  # longer than any text, and none
    head = b'--b\r\nContent-Disposition: form-data; name="image"' + more + b"\r\n\r\n"
    assert read([head + data + b"\r\n--b--\r\n"], FORM, pictures=("image",)) == Body(files={"image": data})


@pytest.mark.parametrize("more", [b"; filename*=UTF-8''a.png", b"\r\nContent-Type: image/png"])
def test_other_fields_are_files_where_something_says_so(more):
    text = (
        b'--b\r\nContent-Disposition: form-data; name="background"\r\nContent-Type: text/plain\r\n\r\nred\r\n--b--\r\n'
    )
    assert read([text], FORM) == Body(texts=[("background", "red")])
    file = b'--b\r\nContent-Disposition: form-data; name="background"' + more + b"\r\n\r\n\xff\r\n--b--\r\n"
    assert read([file], FORM) == Body(files={"background": b"\xff"})


def test_too_many_bytes_are_known_from_the_header_before_any_is_read():
    assert refusal([], length=1_000_001) == "too_many_bytes"


def test_too_many_bytes_are_noticed_while_they_come():
    assert refusal([b"x" * 600_000] * 2) == "too_many_bytes"
    assert refusal([part("image", b"x" * 600_000, "a")] * 2, FORM) == "too_many_bytes"


def test_all_requests_together_have_a_budget():
    budget = Budget(1000)
    budget.acquire(900)
    assert refusal([b"x" * 101], budget=budget) == "busy"
    assert read([b"x" * 100], budget=budget).raw == b"x" * 100


def test_a_flood_of_fields_is_refused():
    assert refusal([part("a", b"") * (MAX_FIELDS + 1)], FORM) == "too_many_fields"
    assert refusal([part("a", b"x" * (MAX_FIELD_BYTES + 1))], FORM) == "too_many_fields"
    assert refusal([b"".join(part(f"f{n}", b"", "f") for n in range(9))], FORM) == "too_many_fields"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        (FORM, b"no part"),
        (FORM, b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
        (FORM, b"--b\r\n" + b"X-A: b\r\n" * 1000),
        (FORM, b"--b\r\nX: " + b"a" * 100_000),
        ("multipart/form-data; boundary=" + "b" * 1000, b"x"),
    ],
)
def test_a_broken_form_is_refused(kind, body):
    assert refusal([body], kind) == "bad_request"


def test_a_file_given_twice_is_refused():
    assert refusal([part("image", b"x", "a") * 2 + b"--b--\r\n"], FORM) == "invalid_option"


def test_a_slow_body_is_given_up():
    assert refusal([b"x"] * 100, pause=0.05, timeout=0.12) == "body_timeout"


def test_a_client_that_goes_away_is_told_apart():
    with pytest.raises(ClientDisconnect):
        read([b"x"], gone=True)


def test_nothing_is_written_to_disk(monkeypatch):
    def refuse(*given: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    data = bytes(5_000_000)
    assert read([part("image", data, "a"), b"--b--\r\n"], FORM, max_bytes=10**7).files == {"image": data}


def test_a_field_may_be_repeated_where_that_is_wanted():
    form = [part("photo", b"1", "a.png"), part("photo", b"2", "b.png"), part("photo", b"3", ""), b"--b--\r\n"]
    found = read(form, FORM, repeated=True)
    assert found.files == {"photo": b"1", "photo 2": b"2", "photo 3": b"3"}
    assert found.names == {"photo": "a.png", "photo 2": "b.png", "photo 3": ""}
    assert refusal([*form[:2], form[3]], FORM) == "invalid_option"
