"""What a browser shows comes a little after a click: no test asserts on one reading of it."""

import ast
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Worker

FILES = sorted(Path(__file__).parent.glob("test_*.py"))
AT_ONCE = {
    "all_inner_texts",
    "all_text_contents",
    "get_attribute",
    "inner_html",
    "inner_text",
    "input_value",
    "is_checked",
    "is_disabled",
    "is_editable",
    "is_enabled",
    "is_hidden",
    "is_visible",
    "seen",
    "differences",
    "text_content",
}
"""What reads the page and waits for nothing."""
FORBIDDEN = "wait_for_function"
"""It evaluates text again and again, which the page's policy forbids from the second time on."""
WORDS = "use expect(), or a function of tests/web/waiting.py"


def called(node: ast.AST) -> set[str]:
    """The names of the functions and methods that are called within a node."""
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


def used(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def is_count(node: ast.AST) -> bool:
    """Whether a locator is counted: unlike that of a text or a list its method `count` takes nothing."""
    calls = [one for one in ast.walk(node) if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)]
    return any(call.func.attr == "count" and not call.args for call in calls)


def readings(function: ast.FunctionDef) -> set[str]:
    """The variables of a function that hold one reading of the page."""
    assigned = [one for one in ast.walk(function) if isinstance(one, ast.Assign) and called(one.value) & AT_ONCE]
    return {
        one.id for assign in assigned for target in assign.targets for one in ast.walk(target) if hasattr(one, "id")
    }


def at_once(source: str) -> list[int]:
    """The lines of the assertions on what is read at once."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            held = readings(function)
            checks = [one for one in ast.walk(function) if isinstance(one, ast.Assert)]
            found += [
                one.lineno
                for one in checks
                if called(one.test) & AT_ONCE or is_count(one.test) or used(one.test) & held
            ]
    return sorted(set(found))


@pytest.mark.parametrize(
    "source",
    [
        "assert page.locator('p').inner_text() == 'a'",
        "assert page.locator('p').count() == 0",
        "assert near(seen(page, 1, 2), (3, 4, 5))",
        "text = page.locator('p').text_content()\n    assert 'a' in text",
        "red, _, blue = seen(page, 1, 2)\n    assert red > blue",
    ],
)
def test_such_an_assertion_is_found(source: str) -> None:
    assert at_once(f"def test(page):\n    {source}\n") == [2 + source.count("\n")]


@pytest.mark.parametrize("source", ["expect(page.locator('p')).to_have_text('a')", "assert 'aa'.count('a') == 2"])
def test_what_waits_or_reads_no_page_is_not(source: str) -> None:
    assert at_once(f"def test(page):\n    {source}\n") == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_test_asserts_on_what_is_read_at_once(path: Path) -> None:
    assert not at_once(path.read_text(encoding="utf-8")), WORDS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_test_waits_by_evaluating_text_within_the_page(path: Path) -> None:
    assert FORBIDDEN not in called(ast.parse(path.read_text(encoding="utf-8"))), WORDS


ENDLESS = """() => {
    globalThis.setTimeout = (call) => queueMicrotask(call); // all the time that there is has passed
    return new Promise(() => {});
}"""
WORKER = "() => { new Worker(URL.createObjectURL(new Blob([''], { type: 'text/javascript' }))); }"


def test_a_script_of_a_test_ends_with_an_error_where_its_promise_stays_pending(browser: Browser) -> None:
    page = browser.new_page()
    with page.expect_worker() as begun:
        page.evaluate(WORKER)
    places: list[Page | Worker] = [page, begun.value]
    for place in places:
        with pytest.raises(Error, match="this script's promise is pending after 30 seconds"):
            place.evaluate(ENDLESS)
    page.close()


@pytest.mark.parametrize(
    ("script", "found"),
    [("1 + 1", 2), ("(given) => given * 2", 6), ("async (given) => [given]", [3]), ("Promise.resolve('a')", "a")],
)
def test_any_other_script_gives_what_it_gives_without_a_limit(browser: Browser, script: str, found: object) -> None:
    page = browser.new_page()
    assert page.evaluate(script, 3) == found
    page.close()
