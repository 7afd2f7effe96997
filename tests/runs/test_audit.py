"""Vulnerable packages end an audit, and an audit that could ask nobody says so."""

import json

import audit

SAFE = {"name": "click", "version": "8.5.1", "vulns": []}
SKIPPED = {"name": "numpy", "skip_reason": "Dependency not found on PyPI and could not be audited: numpy (2.4.0)"}
FLAW = {"id": "GHSA-1", "fix_versions": ["12.1.1"], "aliases": [], "description": "A crash."}
UNSAFE = {"name": "pillow", "version": "12.0.0", "vulns": [FLAW, {**FLAW, "id": "GHSA-2", "fix_versions": []}]}


def verdict(*packages):
    return audit.verdict(json.dumps({"dependencies": packages, "fixes": []}))


def test_each_vulnerability_is_a_line_and_a_failure():
    status, lines = verdict(SAFE, UNSAFE)
    assert status == 1
    assert lines.splitlines() == [
        "pillow 12.0.0: GHSA-1, fixed in 12.1.1",
        "pillow 12.0.0: GHSA-2, fixed in no version",
    ]


def test_packages_without_one_pass():
    assert verdict(SAFE, SKIPPED) == (0, "pip-audit: no known vulnerability in 1 of 2 packages")


def test_a_service_that_cannot_be_reached_fails_nothing_and_is_said():
    for answer in (verdict(SKIPPED), audit.verdict("")):
        assert answer[0] == 0
        assert "nothing audited" in answer[1]
