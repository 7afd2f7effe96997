import pytest

from background_remover.cli.program import main
from tests.static_site.conftest import RUNTIME, runtime  # noqa: F401 - a fixture


@pytest.mark.usefixtures("runtime")
def test_it_writes_the_site_and_says_how_large_it_is(bright, tmp_path, capsys):
    engine, target = tmp_path / "dist", tmp_path / "site"
    engine.mkdir()
    for name, data in RUNTIME.items():
        (engine / name).write_bytes(data)
    arguments = ["page", "--output", str(target), "--runtime", str(engine), "--model", str(bright)]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    count = sum(path.is_file() for path in target.rglob("*"))
    assert out.startswith(f"{target}: {count} files, ")
    assert out.endswith(" MB where the host compresses text\n")
    assert err == ""


def test_a_folder_in_use_is_refused_before_anything_is_fetched(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["page", "--output", str(tmp_path), "--runtime", "nowhere"]) == 2
    assert capsys.readouterr().err == (
        f"background-remover: {tmp_path}: holds something else; "
        "give a new folder, an empty one, or one with an older page\n"
    )
