"""The words of the code and its documents: the field's own, and one for each thing; see CONTRIBUTING.md."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import background_remover

ROOT = Path(background_remover.__file__).parent
REPOSITORY = Path(__file__).parents[1]
SOURCES = ROOT.rglob("*.py")
BESIDE = [
    path for name in ("benchmarks", "examples", "integrations", "runs") for path in (REPOSITORY / name).rglob("*.py")
]
FILES = sorted([*SOURCES, *BESIDE])
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")])
BANNED = {
    r"bell curve": "Gaussian",
    r"as deep\b|(?<!bit )depth of (a|the|another) picture|deep (picture|levels)": "bit depth",
    r"(half[- ])?clear (pixels?|ones?|canvas|places?)|half[- ]clear|(stays|leaves .*|is) clear\b": "transparent",
    r"\bbears?\b": "has, holds",
    r"\btold\b": "given, separated, metadata",
    r"\bveils?\b|\barmour\b|\bdialect\b|\bheap\b|\bledger\b|\bcrew\b|\bstudio\b": "the field's word for it",
    r"(second|third|first|last|nearer|closer|one|two|both) looks?\b": "pass, scale",
    r"moving pictures?": "animation",
    r"fills? the frame|frame of this size": "canvas, background",
    r"\b(gray|colors?|colored|neighbors?|centered|(normal|recogn|initial|serial|minim|maxim)iz\w+)\b": "British",
}  # what isn't written -> what is
IN_THE_PACKAGE = {r"(?<![\w/`-])clips?\b(?! art| it\b|\.|\()": "video"}
"""What isn't written of the package -> what is: a clip is a short video that is made for a measurement."""
NO_VERB = r"The|An?|What|Which|How|Where|Whether|So|Its|Of|One|Two|Another|Every|\d+|[A-Z]\w+[^s]s"
"""What a function's docstring doesn't begin with: a noun, or a verb in the third person."""
ALLOWED = {
    "the title of a paper": re.compile(r"gray-scale images"),
    "the signature of grey profiles": re.compile(r"GRAY"),
    "a spelling that users may give": re.compile(r'"center"|--position center|bg-?color|color\.jpg'),
}


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Every comment and docstring of a file, with the number of its first line."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a page that are no code, without code within them."""
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fenced ^= line.startswith("```")
        if not fenced:
            yield number, re.sub(r"`[^`]*`|\]\([^)]*\)", "", line)


def faults(texts: Iterator[tuple[int, str]], banned: Mapping[str, str] = BANNED) -> list[str]:
    found = []
    for number, text in texts:
        for allowed in ALLOWED.values():
            text = allowed.sub("", text)
        for pattern, better in banned.items():
            match = re.search(pattern, text, re.IGNORECASE)
            if match is not None:
                found.append(f"line {number}: {match[0]!r}; write {better}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_comments_are_in_the_fields_words(path):
    assert faults(comments(path), BANNED | (IN_THE_PACKAGE if path.is_relative_to(ROOT) else {})) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_are_in_the_fields_words(path):
    assert faults(prose(path)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_a_functions_docstring_begins_with_a_verb(path):
    """`Return ...`, `Yield ...`, `Raise ...`: a noun is for what is looked at, not called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node) or "Fine"
            called = not any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
            first = text.split()[0]
            assert not (called and re.fullmatch(NO_VERB, first)), f"{node.name}: {first}"


@pytest.mark.parametrize(
    "text", ["a bell curve", "half-clear places", "a clear canvas", "it is as deep", "a moving picture", "the color"]
)
def test_a_private_word_is_found(text):
    assert faults(iter([(1, text)]))


def test_what_the_package_cuts_out_is_a_video():
    assert faults(iter([(1, "the frames of a clip")]), IN_THE_PACKAGE)
    assert not faults(iter([(1, "`ClipWork` clips it, as in clip.mp4 or `clips`")]), IN_THE_PACKAGE)


@pytest.mark.parametrize(
    "text", ["new geodesic distances for gray-scale images", '"center" is taken', "a clear reason"]
)
def test_a_word_in_its_place_is_not(text):
    assert not faults(iter([(1, text)]))
