from pathlib import Path

import starlette
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

import background_remover
from background_remover.server.request import multipart
from tests.server.private_parts import used_of_self

SOURCE = Path(background_remover.__file__).parent


async def nothing():
    yield b""


def test_starlette_has_the_private_parts_that_are_used():
    parser = MultiPartParser(Headers({}), nothing(), max_files=1, max_fields=1, max_part_size=1)
    used = (
        used_of_self(multipart, "InMemoryParser")
        | used_of_self(multipart, "OnDiskParser")
        | {"spool_max_size", "on_headers_finished", "parse"}
    )
    assert {"_current_part", "spool_max_size"} <= used
    lacking = [name for name in sorted(used) if not hasattr(parser, name)]
    lacking += [name for name in ("content_disposition", "item_headers") if not hasattr(parser._current_part, name)]
    assert not lacking, (
        f"Starlette {starlette.__version__}: MultiPartParser lacks {', '.join(lacking)}; "
        "bring server/request/multipart.py up to it, or hold Starlette back in pyproject.toml"
    )


def test_private_parts_of_starlette_are_used_in_one_file():
    files = [path for path in SOURCE.rglob("*.py") if "starlette.formparsers" in path.read_text(encoding="utf-8")]
    assert files == [Path(multipart.__file__)]
