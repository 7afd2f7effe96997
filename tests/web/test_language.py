"""The page's languages: every text has its translations, and the page is shown in the one that somebody reads."""

import json
import re
from html.parser import HTMLParser

import pytest
from playwright.sync_api import expect

from tests.web.conftest import SHAPES, WEB, Open, add, check, file, open_part
from tests.web.waiting import eventually, expect_equal

LANGUAGES = {"de": "german", "es": "spanish", "fr": "french"}
TABLES = [WEB / "messages" / f"{name}.js" for name in LANGUAGES.values()]
MODULES = sorted(path for path in WEB.rglob("*.js") if path not in TABLES)
ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")
LITERAL = r'"((?:[^"\\]|\\.)*)"'
VOID = {"br", "input", "link", "meta"}
PLACEHOLDER = re.compile(r"\{\w+\}")


def is_text(text: str) -> bool:
    return re.search(r"[^\W\d_]{2}", text) is not None


class Texts(HTMLParser):
    """The texts of a document, as `messages/document.js` collects them; `found` has them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.open: list[tuple[str, bool]] = []  # the elements around: name, and whether their texts are left out
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        is_left_out = (
            tag in ("script", "noscript") or named.get("translate") == "no" or any(out for _, out in self.open)
        )
        names = (*ATTRIBUTES, "content") if named.get("name") == "description" else ATTRIBUTES
        for name in names:
            if not is_left_out:
                self.take(named.get(name) or "")
        if tag not in VOID:
            self.open.append((tag, is_left_out))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if not any(out for _, out in self.open):
            self.take(data)

    def take(self, text: str) -> None:
        text = " ".join(text.split())
        if is_text(text):
            self.found.add(text)


def entries(name: str) -> dict[str, str]:
    """The table of a language, whose every line but the first ones and the last one is an entry."""
    text = (WEB / "messages" / f"{name}.js").read_text(encoding="utf-8")
    body = text.partition("export default {\n")[2].removesuffix("};\n")
    lines = body.splitlines()
    assert all(re.fullmatch(f"  {LITERAL}: {LITERAL},", line) for line in lines), name
    return json.loads("{" + body.rstrip().rstrip(",") + "}")


def used() -> set[str]:
    """All English texts of the page."""
    found = Texts((WEB / "index.html").read_text(encoding="utf-8")).found
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        found |= {json.loads(f'"{literal}"') for literal in re.findall(rf"\b(?:tr|msg)\(\s*{LITERAL}", text)}
    return found


@pytest.mark.parametrize("name", LANGUAGES.values())
def test_every_text_has_a_translation_and_no_table_has_more(name):
    table, texts = entries(name), used()
    assert len(texts) > 150
    missing = "\n".join(sorted(texts - set(table)))
    assert not missing, f"without an entry in messages/{name}.js:\n{missing}"
    assert not sorted(set(table) - texts), "shown nowhere"
    assert all(table.values())
    assert list(table) == sorted(table), "sorted by the English text"


@pytest.mark.parametrize("name", LANGUAGES.values())
def test_translations_have_the_values_of_their_text(name):
    for text, translation in entries(name).items():
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(translation)), text


SHOWN = re.compile(
    r"""(?:\b(?:alarm|button|say|show|showFailure|showNotice)\(|\b(?:textContent|title|placeholder|alt|label)\ ?[=:]|
    setAttribute\("(?:aria-label|aria-valuetext|title|placeholder|alt)",)\s*(["`])(?=[^"`]*[a-z]{2})""",
    re.VERBOSE,
)


NO_TEXTS = {"Authorization", "Backspace", "Delete", "End", "Enter", "Escape", "Home"}  # names of keys and headers


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_module_shows_a_text_that_is_not_translated(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(?:tr|msg)\(\s*`", text), "the English text is the key: give values to tr()"
    code = re.sub(
        r"/\*\*.*?\*/|(?<=[ ;,{])// .*", "", re.sub(rf"\b(?:tr|msg)\(\s*{LITERAL}", "", text), flags=re.DOTALL
    )
    literals = set(re.findall(r'"([A-Z][a-z]+(?: [^"]*)?)"', code))
    assert not literals - NO_TEXTS, "mark these by msg()"
    shown = [line.strip() for line in text.splitlines() if SHOWN.search(line) and "${" not in SHOWN.split(line)[-1][:2]]
    assert not shown, "give these to tr()"


@pytest.mark.parametrize(
    ("locale", "language", "words"),
    [
        ("de-AT", "de", "Fotos auswählen"),
        ("es-MX", "es", "Elegir fotos"),
        ("fr-CA", "fr", "Choisir des photos"),
        ("en-GB", "en", "Choose photos"),
        ("it-IT", "en", "Choose photos"),
    ],
)
def test_the_browser_says_which_language(open_page: Open, address, locale, language, words):
    page = open_page(address, locale=locale)
    expect(page.get_by_role("button", name=words, exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#language")).to_have_value(language)
    loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name.split('/').pop())")
    wanted = [f"{LANGUAGES[language]}.js"] if language in LANGUAGES else []
    assert [name for name in loaded if name in {f"{one}.js" for one in LANGUAGES.values()}] == wanted


def test_a_choice_of_language_holds_at_once_and_is_kept(page):
    add(page, file())
    expect(page.locator("#facts")).to_contain_text("% sure")
    page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("button", name="Speichern", exact=True)).to_be_visible()
    expect(page.locator("#facts")).to_contain_text("% sicher")
    expect(page.get_by_role("button", name="disc.png entfernen")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_label("Sprache").select_option("en")
    expect(page.get_by_role("button", name="Download", exact=True)).to_be_visible()
    page.get_by_label("Language").select_option("fr")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_role("button", name="Choisir des photos")).to_be_visible()


def test_a_question_mark_shows_the_shortcuts(page):
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    page.keyboard.press("Shift+?")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Show the whole picture")
    check(page, "shortcuts")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    add(page, file())
    page.get_by_role("button", name="Keyboard shortcuts").click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    page.get_by_label("Language").select_option("de")
    page.keyboard.press("Shift+?")
    expect(dialog).to_be_hidden()  # its name is another one now
    expect(page.get_by_role("dialog", name="Tastenkürzel")).to_contain_text("Leertaste")


def test_numbers_are_written_as_is_usual_in_the_language(open_page: Open, address):
    ask = """async ([text, values]) => {
        const { tr, percent } = await import("/static/messages/language.js");
        return [tr(text, values), percent(0.955), tr("{a} and {b}", { a: "x" })];
    }"""
    for locale, wanted in {"en": ["12,345.5", "96%"], "de": ["12.345,5", "96\u00a0%"]}.items():
        page = open_page(address, locale=locale)
        page.wait_for_selector("#language")
        assert page.evaluate(ask, ["{count}", {"count": 12345.5}]) == [*wanted, "x and {b}"]


def test_a_table_that_cannot_be_loaded_leaves_the_page_in_english(open_page: Open, address):
    page = open_page(address)
    page.route("**/french.js", lambda route: route.abort())
    page.evaluate("localStorage.setItem('language', 'fr')")
    page.reload()
    expect(page.get_by_role("button", name="Choose photos", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    add(page, file())


CLIPPED = """() => {
    const range = document.createRange();
    const nodes = [...document.querySelectorAll(".choice span, .button, .tabs button, .switch span, .slide span")];
    return nodes.filter((node) => node.checkVisibility() && !node.closest(".choice.icons")).filter((node) => {
        range.selectNodeContents(node);
        const [text, box] = [range.getBoundingClientRect(), node.getBoundingClientRect()];
        return text.width > box.width + 1;
    }).map((node) => node.textContent.trim());
}"""


BEYOND = """() => {
    const row = document.querySelector(".toolbar");
    return row.scrollWidth - row.clientWidth;
}"""
CUT_OFF = f"() => [({CLIPPED})(), ({BEYOND})()]"
JUST_NO_SHEET = {"width": 821, "height": 700}


@pytest.mark.parametrize("locale", ["en", *LANGUAGES])
def test_longer_texts_fit_on_every_screen(open_page: Open, address, locale):
    page = open_page(address, SHAPES["narrow"], locale=locale)
    check(page, f"start {locale}")
    add(page, file())
    for shape in ("narrow", "phone", "on its side", "middle"):
        page.set_viewport_size(SHAPES[shape])
        for tool in ("compare", "choose", "erase"):
            page.locator(f"[name=tool][value={tool}]").check(force=True)
            check(page, f"{shape} {locale} {tool}")
            expect_equal(page, lambda: page.evaluate(CUT_OFF), [[], 0])
        for part in ("background", "effects", "ground", "save"):
            open_part(page, part)
            expect_equal(page, lambda: page.evaluate(CUT_OFF), [[], 0])
    page.set_viewport_size(JUST_NO_SHEET)
    expect_equal(page, lambda: page.evaluate(BEYOND), 0)


def test_a_picture_chosen_before_the_table_is_there_is_cut_out(browser, address):
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    held = []
    page.route("**/german.js", lambda route: held.append(route))
    with page.expect_request("**/german.js"):
        page.goto(address, wait_until="commit")
    page.set_input_files("#files", [file()])
    eventually(page, lambda: held, bool)[0].continue_()
    expect(page.locator("#strip [data-phase=done]")).to_have_count(1)
    context.close()
