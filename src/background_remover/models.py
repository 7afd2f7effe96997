"""The shipped models: name -> weights file, hash, licence, data, scores."""

from pathlib import Path
from typing import NamedTuple

from background_remover.errors import ModelError, OptionError

WEIGHTS = Path(__file__).parent / "weights"
DEFAULT = "unet-lite2"
SUFFIX = ".onnx"


class Model(NamedTuple):
    """A shipped model.

    `parameters`, `license` and `data` repeat the card in the file, so that a list of models opens none of them.
    """

    name: str
    sha256: str
    parameters: int
    license: str
    data: str
    scores: str

    @property
    def path(self) -> Path:
        """The weights file."""
        return WEIGHTS / f"{self.name}{SUFFIX}"


MODELS = {
    model.name: model
    for model in (
        Model(
            name="unet-lite2",
            sha256="65f60ae13872fdadc729f0361283e848bde1cb13102eb445e0ff35844c2c9d82",
            parameters=5_010_356,
            license="Apache-2.0; see the model card for the data",
            data="ImageNet (encoder); Oxford-IIIT Pet, DUTS-TR and eleven smaller sources; see the model card",
            scores="IoU 0.959 on 62 pets, 0.901 on 500 general pictures",
        ),
        Model(
            name="unet",
            sha256="06e4294cc24265470867a8c6eb437c8df7c79afe02d1e4a8aaa4de83d7c54742",
            parameters=22_846_593,
            license="Apache-2.0; see the model card for the data",
            data="Oxford-IIIT Pet, DUTS-TR and eleven smaller sources; see the model card",
            scores="IoU 0.920 on 62 pets, 0.859 on 500 general pictures",
        ),
    )
}


def locate(model: str | Path) -> Path:
    """Return the file of a model: a shipped model by its name, any other by a path that ends in .onnx.

    Raises `OptionError` at an unknown name and `ModelError` where the file is missing.
    """
    if str(model) in MODELS:
        path = MODELS[str(model)].path
        if not path.is_file():
            raise ModelError(f"{path}: the weights of {model!r} are missing; install background-remover again")
        return path
    path = Path(model)
    if path.suffix.lower() != SUFFIX:
        raise OptionError(f"unknown model {str(model)!r}; known: {', '.join(MODELS)}, or a file that ends in {SUFFIX}")
    if not path.is_file():
        raise ModelError(f"{path}: no such model file; check the name")
    return path
