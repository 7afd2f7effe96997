"""Makes this npm package whole: copies the worker of the page, the default network and onnxruntime-web into it.

    python prepack.py

`npm pack` runs it. ONNXRUNTIME_WEB names where onnxruntime-web comes from, as `background-remover page --runtime` does,
and with WEBGPU=1 the package has what WebGPU takes, as `--webgpu` says there.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from background_remover import models
from background_remover.static_site.onnxruntime_web import URL, runtime_files
from background_remover.static_site.site import FACTS, site_files

OF_THE_PAGE = {"keeping.js"}  # modules of the folder `local` that a page without a server alone needs
FOLDERS = ("local", "model", "runtime")


def fill(package: Path, runtime: Mapping[str, bytes], model: str = models.DEFAULT) -> None:
    """Write all that the package has of the static site into its folder, in place of what an earlier call wrote."""
    for name in FOLDERS:
        shutil.rmtree(package / name, ignore_errors=True)
    files = {name.removeprefix("static/"): data for name, data in site_files(runtime, model).items()}
    facts = json.loads(files[FACTS])
    kept = {name: facts[name] for name in ("version", "model", "runtime")}
    chosen = {name: data for name, data in files.items() if name.startswith(tuple(f"{folder}/" for folder in FOLDERS))}
    for name, data in {**chosen, "site.json": json.dumps(kept, indent=1).encode()}.items():
        if Path(name).name not in OF_THE_PAGE:
            (package / name).parent.mkdir(parents=True, exist_ok=True)
            (package / name).write_bytes(data)


if __name__ == "__main__":
    HERE = Path(__file__).parent
    shutil.copy(HERE.parent / "LICENSE", HERE)
    fill(HERE, runtime_files(os.environ.get("ONNXRUNTIME_WEB", URL), webgpu=os.environ.get("WEBGPU") == "1"))
