import dataclasses

import pytest

from background_remover.errors import OptionError
from background_remover.processor import cores
from background_remover.server.service import Service


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
    ],
)
def test_a_number_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(OptionError, match=name.replace("_", "-")):
        Service(**{name: value})


def test_it_listens_to_this_machine_alone_and_lets_no_foreign_page_in():
    assert Service().host == "127.0.0.1"
    assert Service().origins == []


def test_origins_are_a_list():
    assert Service(cors="https://a.example, https://b.example").origins == ["https://a.example", "https://b.example"]


def test_there_is_a_thread_for_each_core_unless_told_otherwise():
    assert Service().threads == cores()
    assert Service(workers=3).threads == 3


def test_every_setting_is_explained():
    assert all(field.metadata["help"].endswith(".") for field in dataclasses.fields(Service))
