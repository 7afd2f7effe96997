"""What PyInstaller has to know to freeze a program that uses this package; it asks by an entry point."""

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
_DATA = ("weights", "web", "static_site")  # folders of files that are no modules
_CODE = (".py", ".pyc")


def hook_dirs() -> list[str]:
    """Return the folders that hold hooks: files named after the package that they are for."""
    return [str(Path(__file__).parent)]


def data_files() -> list[tuple[str, str]]:
    """Return the files beside the modules, each with the folder of the frozen program that it goes to."""
    files = (file for folder in _DATA for file in sorted((_PACKAGE / folder).rglob("*")))
    return [
        (str(file), str(file.parent.relative_to(_PACKAGE.parent)))
        for file in files
        if file.is_file() and file.suffix not in _CODE
    ]
