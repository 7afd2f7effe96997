"""The sizes of the code: prints a table in Markdown with a row for each folder of the package.

    python benchmarks/code_size.py

Lines of code are those with a token that is no comment and no docstring. The limits are in
`tests/test_layers.py`.
"""

import ast
import io
import tokenize
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import background_remover

ROOT = Path(background_remover.__file__).parent
_SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Size:
    """A file's lines, its lines of code, and its longest function, by name and lines."""

    name: str
    lines: int
    code: int
    function: tuple[int, str]


def size_of(source: str, name: str) -> Size:
    """Return the sizes of a file of Python."""
    tree = ast.parse(source)
    functions = [
        (node.end_lineno - node.lineno + 1, node.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
    ]
    return Size(name, len(source.splitlines()), len(_code(source, tree)), max(functions, default=(0, "")))


def _code(source: str, tree: ast.Module) -> set[int]:
    """Return the numbers of the lines that hold code."""
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    documentation = {line for text in texts for line in range(text.lineno, (text.end_lineno or text.lineno) + 1)}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    held = {line for token in tokens if token.type not in _SILENT for line in range(token.start[0], token.end[0] + 1)}
    return held - documentation


def table(root: Path) -> str:
    """Return the table of a package's folder."""
    folders: dict[str, list[Size]] = defaultdict(list)
    for path in sorted(root.rglob("*.py")):
        size = size_of(path.read_text(encoding="utf-8"), path.name)
        folders[path.parent.relative_to(root).as_posix()].append(size)
    rows = [
        "| folder | files | lines | of code | longest file | longest function |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    rows += [_row("(top)" if folder == "." else folder, sizes) for folder, sizes in sorted(folders.items())]
    return "\n".join([*rows, _row("**all**", [size for sizes in folders.values() for size in sizes])])


def _row(folder: str, sizes: list[Size]) -> str:
    files = len([size for size in sizes if size.name != "__init__.py" or folder == "(top)"])
    longest, widest = max(sizes, key=lambda size: size.lines), max(size.function for size in sizes)
    lines, code = sum(size.lines for size in sizes), sum(size.code for size in sizes)
    return f"| {folder} | {files} | {lines:,} | {code:,} | {longest.name} {longest.lines} | {widest[1]} {widest[0]} |"


if __name__ == "__main__":
    print(table(ROOT))
