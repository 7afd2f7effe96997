"""Photos that another app shares with the installed page are cut out, and a reload doesn't send them again."""

import httpx
from playwright.sync_api import Page, Route, expect

from tests.web.conftest import SCENE, answer, downloaded, items


def test_shared_photos_are_cut_out(page: Page, address: str):
    sent = [("photo", (name, SCENE, "image/png")) for name in ("one.png", "two.png")]
    given = httpx.post(f"{address}/share", files=sent)

    def share(route: Route) -> None:  # as the browser does for another app, by POST
        headers = {name: value for name, value in given.headers.items() if name != "content-length"}
        route.fulfill(body=given.content, headers=headers)

    page.route("**/share", share)
    page.goto(f"{address}/share")
    expect(items(page, "done")).to_have_count(2)
    expect(page.locator(".thumb-name")).to_have_text(["one.png", "two.png"])
    assert downloaded(page)[1] == answer(address)
    expect(page).to_have_url(f"{address}/")
    expect(page.locator("template.shared")).to_have_count(0)
