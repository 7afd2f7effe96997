"""Tests wait for what they assert and have no limits of time, which fail where a machine is slow; see `waiting`."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
LIMITED = r"^ *assert .*(monotonic|perf_counter|process_time|time\.time)\(\) *(<[^=]|-)"
"""An assertion on how late it is."""


def limited(text: str) -> list[str]:
    return [found[0].strip() for found in re.finditer(LIMITED, text, flags=re.MULTILINE)]


def test_no_test_fails_because_it_took_too_long():
    """Those of the page are beside them: a browser's waits have one limit, `PATIENCE`."""
    files = [path for path in TESTS.rglob("*.py") if path.parent.name != "web"]
    assert not {path: found for path in files if (found := limited(path.read_text(encoding="utf-8")))}


def test_a_limit_is_found():
    for text in ("assert time.monotonic() < end", "    assert perf_counter() - start < 60"):
        assert limited(text)
    assert not limited("    assert before <= begun <= time.monotonic()  # it is later")
