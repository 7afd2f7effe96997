import random

import pytest
from click.testing import CliRunner

import fuzz
from background_remover.imaging.reader import decode
from fuzz import CONTRACTS, changed, pictures, request, run


def test_damaged_inputs_raise_our_errors_alone(bright):
    found = run(bright, 0, iter(range(300)))
    assert not found.failures
    assert sum(found.outcomes.values()) == 300
    targets = {target for target, _ in found.outcomes}
    assert targets == {"decoder", *(contract.path for contract in CONTRACTS)}
    assert {"200", "422", "read"} <= {outcome for _, outcome in found.outcomes}


def test_what_is_damaged_was_whole():
    for data in pictures():
        decode(data)


def test_a_case_is_the_same_again():
    for number in range(50):
        one, other = (random.Random(f"7/{number}") for _ in range(2))
        assert changed(one, pictures()[0], pictures()) == changed(other, pictures()[0], pictures())
        assert request(one, CONTRACTS[0]) == request(other, CONTRACTS[0])


@pytest.mark.parametrize("fault", [ValueError("oh"), MemoryError()])
def test_another_error_is_found_and_named(bright, monkeypatch, fault):
    def fail(*given: object, **options: object) -> None:
        raise fault

    monkeypatch.setattr(fuzz, "decode", fail)
    found = run(bright, 3, iter(range(20)))
    assert found.failures
    assert all("of seed 3, decoder: " + type(fault).__name__ in failure for failure in found.failures)


def test_a_fault_of_the_service_is_found(bright, monkeypatch):
    def fail(*given: object) -> None:
        raise ValueError("oh")

    monkeypatch.setattr("background_remover.server.remove.routes.carry_out", fail)
    found = run(bright, 0, iter(range(60)))
    assert any("500" in failure for failure in found.failures)


def test_the_command_prints_its_count():
    result = CliRunner().invoke(fuzz.main, ["--seconds", "60", "--case", "5"])
    assert result.exit_code == 0, result.output
    assert "1 cases of seed 0" in result.output
