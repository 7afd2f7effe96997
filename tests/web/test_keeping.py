"""Pictures that the browser keeps, and offers again when the page is opened anew."""

import base64

from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import (
    PATIENCE,
    SHAPES,
    Open,
    add,
    answer,
    check,
    decoded,
    downloaded,
    encoded,
    file,
    items,
    paint,
    scene,
)

STORED = """async () => {
    const database = await import("/static/storage/database.js");
    const all = await database.records();
    return all.map(({ name, settings, isPainted, place }) => [place, name, settings.outline, isPainted]);
}"""


STEPS = """async () => {
    const database = await import("/static/storage/database.js");
    return (await database.records()).map(({ steps }) => steps.length);
}"""


def until(page: Page, script: str, wanted: object) -> None:
    """Waits until an asynchronous script gives what is wanted."""
    for _ in range(PATIENCE // 200):
        found = page.evaluate(script)
        if found == wanted:
            return
        page.wait_for_timeout(200)
    assert found == wanted


def wait_until_kept(page: Page, *wanted: list[object]) -> None:
    """Waits until this is in the browser's database: place, name, outline, and whether it was painted on."""
    until(page, f"async () => (await ({STORED})()).sort()", list(wanted))


def reload(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()


def offer(page: Page) -> Locator:
    return page.locator(".offer")


def test_pictures_choices_and_strokes_come_back_when_asked_for(page: Page, address: str):
    add(page, file("one.png"), file("two.png"))
    page.get_by_role("switch", name="Outline").check()
    page.locator("#strip .thumb").nth(1).click()
    paint(page, "Erase", (80, 180), (100, 180))
    painted = downloaded(page)[1]
    wait_until_kept(page, [0, "one.png", True, False], [1, "two.png", False, True])
    reload(page)
    expect(offer(page)).to_contain_text("Bring back 2 pictures from before?")
    expect(page.locator("#strip li")).to_have_count(0)  # nothing comes back by itself
    asked: list[str] = []
    page.on("request", lambda sent: sent.url.endswith("/remove") and asked.append(sent.url))
    offer(page).get_by_role("button", name="Yes").click()
    expect(items(page, "done")).to_have_count(2)
    assert not asked, "nothing is cut out again"
    expect(page.locator(".thumb-name")).to_have_text(["one.png", "two.png"])
    expect(page.get_by_role("switch", name="Outline")).to_be_checked()
    assert downloaded(page)[1] == answer(address, outline="2%,#ffffff")
    page.locator("#strip .thumb").nth(1).click()
    expect(page.get_by_role("switch", name="Outline")).not_to_be_checked()
    after = decoded(downloaded(page)[1]).astype(int)
    assert abs(after[..., 3] - decoded(painted)[..., 3].astype(int)).max() <= 1
    paint(page, "Erase", (130, 180), (140, 180))
    assert decoded(downloaded(page)[1])[180, 135, 3] == 0


def test_what_was_kept_is_forgotten_when_asked_for(page: Page):
    add(page, file("one.png"))
    wait_until_kept(page, [0, "one.png", False, False])
    reload(page)
    expect(offer(page)).to_contain_text("Bring back a picture from before?")
    offer(page).get_by_role("button", name="Forget").click()
    expect(offer(page)).to_have_count(0)
    wait_until_kept(page)
    reload(page)
    page.wait_for_timeout(600)
    expect(offer(page)).to_have_count(0)


def test_a_removed_picture_is_forgotten_and_kept_again_when_it_is_back(page: Page):
    add(page, file("one.png"), file("two.png"))
    wait_until_kept(page, [0, "one.png", False, False], [1, "two.png", False, False])
    page.get_by_role("button", name="Remove two.png").click()
    wait_until_kept(page, [0, "one.png", False, False])
    page.locator(".notice").get_by_role("button", name="Undo").click()
    wait_until_kept(page, [0, "one.png", False, False], [1, "two.png", False, False])


def test_nothing_is_kept_where_that_is_switched_off(page: Page):
    add(page, file("one.png"))
    wait_until_kept(page, [0, "one.png", False, False])
    switch = page.get_by_role("switch", name="Keep my pictures in this browser")
    switch.uncheck()
    wait_until_kept(page)
    add(page, file("two.png"), done=2)
    page.wait_for_timeout(1200)
    wait_until_kept(page)
    reload(page)
    page.wait_for_timeout(600)
    expect(offer(page)).to_have_count(0)
    add(page, file("three.png"))
    expect(switch).not_to_be_checked()
    switch.check()
    wait_until_kept(page, [0, "three.png", False, False])
    page.get_by_role("button", name="Forget all").click()
    wait_until_kept(page)


def test_a_picture_behind_comes_back_too(page: Page, address: str):
    add(page, file("one.png"))
    beach = encoded(scene()[::-1].copy())
    with page.expect_file_chooser() as chooser:
        page.get_by_role("radio", name="Picture", exact=True).check()
    chooser.value.set_files([file("beach.png", beach)])
    expect(page.get_by_text("beach.png")).to_be_visible()
    script = """async () => {
        const database = await import("/static/storage/database.js");
        const [record] = await database.records();
        return Boolean(record && await database.file(record.id, "background"));
    }"""
    until(page, script, True)
    reload(page)
    offer(page).get_by_role("button", name="Yes").click()
    expect(items(page, "done")).to_have_count(1)
    assert downloaded(page)[1] == answer(address, background=beach)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("beach.png")).to_be_hidden()
    page.keyboard.press("Control+y")
    assert downloaded(page)[1] == answer(address, background=beach)


def test_the_last_backgrounds_are_offered_again(page: Page, address: str):
    page.evaluate(
        """async (data) => {
            const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            const { keepBackgrounds } = await import("/static/storage/backgrounds.js");
            await keepBackgrounds([new File([bytes], "beach.png", { type: "image/png" })]);
        }""",
        base64.b64encode(beach := encoded(scene()[::-1].copy())).decode(),
    )
    reload(page)
    add(page, file("one.png"))
    page.get_by_role("radio", name="Picture", exact=True).check()
    page.get_by_role("button", name="beach.png").click()
    assert downloaded(page)[1] == answer(address, background=beach)


def test_steps_are_undone_and_done_again_after_a_reload(page: Page, address: str):
    add(page, file("one.png"))
    page.get_by_role("switch", name="Outline").check()
    paint(page, "Erase", (80, 180), (100, 180))
    painted = downloaded(page)[1]
    page.get_by_role("radio", name="Largest").check()
    expect(page.locator("#status")).to_contain_text("What was painted is gone")
    expect(page.locator(".frame")).to_have_attribute("aria-busy", "false")
    chosen = downloaded(page)[1]
    until(page, STEPS, [3])
    reload(page)
    offer(page).get_by_role("button", name="Yes").click()
    expect(items(page, "done")).to_have_count(1)
    undo, redo = (page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    undo.click()
    after = decoded(downloaded(page)[1]).astype(int)
    assert abs(after - decoded(painted).astype(int))[..., 3].max() <= 1
    undo.click()
    assert downloaded(page)[1] == answer(address, outline="2%,#ffffff")
    undo.click()
    assert downloaded(page)[1] == answer(address)
    expect(undo).to_be_disabled()
    for _ in range(3):
        redo.click()
    assert downloaded(page)[1] == chosen


def test_what_another_tab_has_open_is_not_offered(page: Page, address: str):
    add(page, file("one.png"))
    wait_until_kept(page, [0, "one.png", False, False])
    other = page.context.new_page()
    other.goto(address)
    other.wait_for_timeout(800)
    expect(offer(other)).to_have_count(0)
    page.close()
    other.reload()
    expect(offer(other)).to_be_visible()


def test_a_browser_without_a_database_does_without(open_page: Open, address: str):
    page = open_page(address)
    page.add_init_script("indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); }")
    page.reload()
    add(page, file("one.png"))
    expect(page.get_by_text("This browser keeps no pictures")).to_be_visible()
    expect(page.get_by_role("switch", name="Keep my pictures in this browser")).not_to_be_checked()
    assert downloaded(page)[1] == answer(address)


def test_a_browser_that_forbids_all_storage_does_without(open_page: Open, address: str):
    page = open_page(address)
    page.add_init_script("""
        const forbid = (owner, name) => Object.defineProperty(owner, name, {
            get() { throw new DOMException("no", "SecurityError"); },
        });
        for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) forbid(window, name);
        forbid(navigator, "serviceWorker");
    """)
    page.reload()
    add(page, file("one.png"))
    assert downloaded(page)[1] == answer(address)
    kept = "import('/static/local/keeping.js').then(async (its) => [await its.keepFiles(), its.loadIsolated(false)])"
    assert page.evaluate(kept) == [False, False]
    text = "import('/static/service/token.js').then((token) => token.current())"
    assert page.evaluate(text) == ""


def test_the_oldest_goes_where_there_is_no_room(page: Page):
    page.route(
        "**/storage/keeper.js",
        lambda route: route.fulfill(
            body=route.fetch().text().replace("400 * 2 ** 20", "12_000"), content_type="text/javascript"
        ),
    )
    page.reload()
    for number in range(6):
        add(page, file(f"{number}.png"), done=number + 1)
        until(page, f"async () => (await ({STORED})()).some(([, name]) => name === '{number}.png')", True)
    kept = [name for _, name, *_ in page.evaluate(STORED)]
    assert "5.png" in kept
    assert "0.png" not in kept


def test_the_question_and_the_switch_are_for_everybody(open_page: Open, address: str):
    page = open_page(address, SHAPES["narrow"])
    add(page, file("one.png"))
    wait_until_kept(page, [0, "one.png", False, False])
    reload(page)
    expect(offer(page)).to_be_visible()
    for shape in ("narrow", "wide"):
        page.set_viewport_size(SHAPES[shape])
        check(page, f"{shape}, pictures from before")
