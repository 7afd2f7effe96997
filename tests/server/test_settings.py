import dataclasses

import pytest

from background_remover.errors import OptionError
from background_remover.runtime.parallel import cores
from background_remover.server.settings import ServerSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", -1),
        ("port", 65536),
        ("workers", -1),
        ("queue", -1),
        ("connections", 0),
        ("timeout", 0.0),
        ("body_timeout", -1.0),
        ("max_megabytes", float("nan")),
        ("max_megapixels", 0.0),
        ("max_held", 0.0),
        ("video_queue", -1),
        ("video_seconds", 0.0),
        ("video_megabytes", 0.0),
        ("video_megapixels", float("nan")),
        ("video_keep", 0.0),
    ],
)
def test_a_number_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(OptionError, match=name.replace("_", "-")):
        ServerSettings(**{name: value})


def test_it_listens_to_this_machine_alone_and_lets_no_foreign_page_in():
    assert ServerSettings().host == "127.0.0.1"
    assert ServerSettings().origins == []


def test_origins_are_a_list():
    assert ServerSettings(cors="https://a.example, https://b.example").origins == [
        "https://a.example",
        "https://b.example",
    ]


@pytest.mark.parametrize(
    "cors",
    [
        "shop.example",
        "https://",
        "https://shop.example/",
        "https://shop.example/page",
        "https://shop.example?a",
        "https://Shop.example",
        "https://shop.example:443",
        "http://shop.example:80",
        "https://shop.example:port",
        "https://a@shop.example",
        "https://käse.example",
        "https://[::1",
        "https://shop example",
        "null",
        "https://shop.example https://other.example",
        "https://shop.example,other.example",
    ],
)
def test_what_no_browser_sends_as_an_origin_is_refused(cors):
    with pytest.raises(OptionError, match=r"cors is .*as in https://shop\.example"):
        ServerSettings(cors=cors)


@pytest.mark.parametrize("cors", ["", "*", "http://localhost:8080", "https://[::1]:8", "chrome-extension://abcdef"])
def test_origins_that_browsers_send(cors):
    assert ServerSettings(cors=cors).origins == ([cors] if cors else [])


@pytest.mark.parametrize("host", ["https://a.example", "a.example:80", "a.example/b", "käse.example", "a b", "[::1]"])
def test_an_allowed_host_is_a_name_alone(host):
    with pytest.raises(OptionError, match="allow-host"):
        ServerSettings(allow_host=f"b.example, {host}")


LOCAL = ["localhost", "localhost:7000", "LOCALHOST.", "127.0.0.1:80", "127.1.2.3", "[::1]:7000", "page.localhost"]
FOREIGN = ["evil.example", "evil.example:7000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "", "["]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "box"])
def test_on_loopback_only_names_of_this_machine_are_answered(host):
    service = ServerSettings(host=host)
    assert all(service.accepts_host(name) for name in LOCAL)
    assert not any(service.accepts_host(name) for name in FOREIGN)
    assert service.accepts_host("Box:7000") == (host == "box")


@pytest.mark.parametrize(
    "service",
    [ServerSettings(token="t"), ServerSettings(host="0.0.0.0"), ServerSettings(host="::"), ServerSettings(host="")],
)
def test_elsewhere_or_with_a_token_any_name_is(service):
    assert all(service.accepts_host(name) for name in LOCAL + FOREIGN)


@pytest.mark.parametrize("more", [{}, {"token": "t"}, {"host": "0.0.0.0"}])
def test_allowed_hosts_are_answered_and_no_others(more):
    service = ServerSettings(allow_host="Cutouts.example, fe80::1", **more)
    assert all(service.accepts_host(name) for name in [*LOCAL, "cutouts.example", "CUTOUTS.example:80", "[fe80::1]:80"])
    assert not any(service.accepts_host(name) for name in FOREIGN)
    assert ServerSettings(allow_host="*", **more).accepts_host("evil.example")


def test_there_is_a_thread_for_each_core_unless_told_otherwise():
    assert ServerSettings().threads == cores()
    assert ServerSettings(workers=3).threads == 3


def test_every_setting_is_explained():
    assert all(field.metadata["help"].endswith(".") for field in dataclasses.fields(ServerSettings))
