"""How many separate subjects stay: chosen on the page, excluded by other choices, undone, and given to all pictures."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import SIZE, add, answer, check, downloaded, file, open_part, place, windows
from tests.web.test_choosing import DISCS, LEFT, fields, settled, start, stay
from tests.web.test_keeping import offer, reload, until
from tests.web.test_many import zipped


def key(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Subjects", exact=True).get_by_role("radio", name=name, exact=True)


@pytest.fixture
def two(page: Page) -> Page:
    """The page with a picture of two subjects."""
    start(page, file("discs.png", DISCS))
    page.get_by_role("radio", name="Compare").check()
    return page


def choose(page: Page, name: str) -> None:
    key(page, name).check()
    settled(page, "Subjects")
    page.locator("#status").evaluate("element => (element.textContent = '')")


def test_the_largest_alone_is_what_the_server_gives_and_can_be_undone(two: Page, address: str):
    choose(two, "Largest")
    assert fields(two) == {"format": "png", "subjects": "largest"}
    assert downloaded(two)[1] == answer(address, DISCS, subjects="largest")
    assert stay(two) == (True, False)
    two.keyboard.press("Control+z")
    expect(key(two, "All")).to_be_checked()
    assert stay(two) == (True, True)
    two.keyboard.press("Control+Shift+z")
    expect(key(two, "Largest")).to_be_checked()
    assert stay(two) == (True, False)
    choose(two, "2")
    assert fields(two)["subjects"] == "2"
    assert stay(two) == (True, True)
    key(two, "2").press("ArrowRight")
    settled(two, "Subjects")
    assert fields(two)["subjects"] == "3"


def test_what_else_says_what_stays_takes_its_place(two: Page):
    choose(two, "Largest")
    two.get_by_role("radio", name="Plain").check()
    settled(two, "Ground")
    assert fields(two) == {"format": "png", "ground": "plain"}
    expect(key(two, "All")).to_be_checked()
    choose(two, "Largest")
    assert fields(two) == {"format": "png", "subjects": "largest"}
    expect(two.get_by_role("radio", name="Auto")).to_be_checked()
    two.get_by_role("radio", name="Choose").check()
    two.mouse.click(*place(two, *LEFT, SIZE))
    settled(two, "Subject chosen")
    assert set(fields(two)) == {"format", "points"}
    expect(key(two, "All")).to_be_checked()
    choose(two, "2")
    assert fields(two) == {"format": "png", "subjects": "2"}
    two.get_by_role("switch", name="Remove a colour").check()
    two.mouse.click(*place(two, *LEFT, SIZE))
    settled(two, "Colour removed")
    assert set(fields(two)) == {"format", "remove_colour", "tolerance"}
    choose(two, "Largest")
    assert fields(two) == {"format": "png", "subjects": "largest"}
    expect(two.get_by_role("switch", name="Remove a colour")).not_to_be_checked()


def test_use_for_all_carries_it_and_undo_takes_it_back(page: Page, address: str):
    add(page, file("1.png", DISCS), file("2.png", DISCS))
    choose(page, "Largest")
    page.get_by_role("button", name="Use this for all pictures").click()
    one, both = answer(address, DISCS, subjects="largest"), answer(address, DISCS)
    assert zipped(page) == [one, one]
    page.locator(".notice").get_by_role("button", name="Undo").click()
    assert zipped(page) == [one, both]
    page.locator("#strip .thumb").nth(1).click()
    expect(key(page, "All")).to_be_checked()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


def test_it_comes_back_with_the_picture(two: Page, address: str):
    choose(two, "Largest")
    kept = """async () => {
        const { records } = await import("/static/storage/database.js");
        return (await records()).map(({ accepted }) => accepted.subjects);
    }"""
    until(two, kept, ["largest"])
    reload(two)
    offer(two).get_by_role("button", name="Yes").click()
    expect(key(two, "Largest")).to_be_checked()
    assert downloaded(two)[1] == answer(address, DISCS, subjects="largest")


def test_axe_finds_nothing_serious(page: Page):
    add(page, file("discs.png", DISCS))
    choose(page, "2")
    for shape in windows(page):
        open_part(page, "ground")
        expect(key(page, "2")).to_be_visible()
        check(page, f"{shape}, subjects")
