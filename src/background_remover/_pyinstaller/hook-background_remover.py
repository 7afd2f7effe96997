"""Of this package in a frozen program: the weights, the page, its metadata, and the modules imported by their names."""

from PyInstaller.utils.hooks import collect_submodules, copy_metadata

from background_remover._pyinstaller.__init__ import data_files

datas = data_files() + copy_metadata("background-remover")
hiddenimports = collect_submodules("background_remover.cli")
