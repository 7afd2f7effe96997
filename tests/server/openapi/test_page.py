from html.parser import HTMLParser

from background_remover.server.application import APIS
from background_remover.server.openapi.document import document
from background_remover.server.openapi.page import page


def test_the_page_asks_no_other_host_and_has_no_scripts():
    tags: list[tuple[str, dict]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            tags.append((tag, dict(attributes)))

    text = page(document(APIS))
    Reader().feed(text)
    assert {tag for tag, _ in tags} >= {"h1", "table", "link"}
    assert not any(tag in ("script", "style", "img", "iframe") for tag, _ in tags)
    links = [told.get("href") or told.get("src") for _, told in tags if "href" in told or "src" in told]
    assert all(link.startswith("/") for link in links)
    assert not any("style" in told or any(name.startswith("on") for name in told) for _, told in tags)
    assert "background_fit" in text
