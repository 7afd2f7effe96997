"""The fields of a request: what `Options` and `OutputOptions` become where they are sent over HTTP."""

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar, get_args

from background_remover.errors import OptionError, TooLarge
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import GroundKind, Matting, Options, SecondLook, ShadowKind, check
from background_remover.parameters.background import Fit, read_background
from background_remover.parameters.layout import POSITIONS, read_canvas
from background_remover.parameters.values import read_switch
from background_remover.video.settings import Steady, VideoOptions

PICTURES = ("image", "mask", "background")  # parts of a form that are pictures' files
WITHOUT_NAME = ("image", "mask")  # and nothing else, so that they need no file name in a form, and are base64 in JSON
SENT = "sent/{}"  # what the name of such a picture is in `Options`; no file of the server's is ever opened
_KNOWN = {
    "matting": get_args(Matting),
    "second_look": get_args(SecondLook),
    "ground": get_args(GroundKind),
    "background_fit": get_args(Fit),
    "shadow_kind": get_args(ShadowKind),
    "position": tuple(POSITIONS),
    "steady": get_args(Steady),
}
Choices = TypeVar("Choices", Options, OutputOptions, VideoOptions)


def read_fields(
    given: Iterable[tuple[str, str]], sent: Iterable[str], *, max_megapixels: float
) -> tuple[Options, OutputOptions]:
    """Return the options that fields of text stand for; `sent` are the names of the pictures that came beside them.

    Raises `OptionError` at a field that is unknown, given twice or out of range, and `TooLarge` at a canvas of more
    than `max_megapixels`, which is what `max_megapixels` is by default as well.
    """
    known = [field.name for kind in (Options, OutputOptions) for field in dataclasses.fields(kind)]
    texts = read_once(given, known)
    options = read_options(texts, sent, max_megapixels=max_megapixels)
    return options, choices(OutputOptions, texts)


def read_once(
    given: Iterable[tuple[str, str]], known: Collection[str], unlisted: Collection[str] = ()
) -> dict[str, str]:
    """Return fields by their names; raises `OptionError` at one that is no option, or is given twice.

    Fields `unlisted` are returned as well, for whoever refuses them by name; no message lists them.
    """
    texts: dict[str, str] = {}
    for name, text in given:
        if name not in known and name not in unlisted:
            raise OptionError(f"{name[:64]!r} is no option; known: {', '.join(known)}")
        if name in texts:
            raise OptionError(f"{name} is given twice; give it once")
        texts[name] = text
    return texts


def read_options(texts: Mapping[str, str], sent: Iterable[str], *, max_megapixels: float) -> Options:
    """Return the options for a picture among these fields; raises as `read_fields` does."""
    texts = dict(texts)
    if "mask" in texts:
        raise OptionError("mask is a picture; send it as a file of the form")
    if "background" in texts and read_background(texts["background"]).file is not None:
        raise OptionError("background names a file; send the picture itself, as a file of the form")
    for name in ("mask", "background"):
        if name in sent:
            if name in texts:
                raise OptionError(f"{name} is given twice; give it once")
            texts[name] = SENT.format(name)
    canvas = read_canvas(texts.get("canvas", ""))
    if canvas is not None and canvas[0] * canvas[1] > max_megapixels * 1e6:
        raise TooLarge(f"canvas is {texts['canvas']}; here the most is {max_megapixels:g} megapixels")
    texts.setdefault("max_megapixels", str(max_megapixels))
    options = choices(Options, texts)
    if options.max_megapixels > max_megapixels:
        raise OptionError(f"max_megapixels is {options.max_megapixels:g}; here the most is {max_megapixels:g}")
    check(options)
    return options


def read_texts(given: Iterable[tuple[str, str]], known: Collection[str]) -> dict[str, str]:
    """Return the fields of a request by their names, without blanks around them and without empty ones.

    Raises `OptionError` at a field that is unknown or given twice.
    """
    texts: dict[str, str] = {}
    for name, text in given:
        if name not in known:
            raise OptionError(f"{name[:64]!r} is no parameter; known: {', '.join(known)}")
        if name in texts:
            raise OptionError(f"{name} is given twice; give it once")
        texts[name] = text.strip()
    return {name: text for name, text in texts.items() if text}


def choices(kind: type[Choices], texts: Mapping[str, str]) -> Choices:
    """Return the choices of one dataclass that fields of text stand for; raises `OptionError`."""
    values: dict[str, Any] = {
        field.name: _value(field, texts[field.name]) for field in dataclasses.fields(kind) if field.name in texts
    }
    return kind(**values)


def _value(field: "dataclasses.Field[Any]", text: str) -> bool | int | float | str:
    kind: type = type(field.default)
    if kind is bool:
        return read_switch(field.name, text)
    if kind is str:
        return text
    try:
        return int(text) if kind is int else float(text)
    except ValueError as error:
        raise OptionError(f"{field.name} is {text[:64]!r}; give a {'whole ' * (kind is int)}number") from error


def option_schemas() -> dict[str, Any]:
    """Return the JSON schema of each field but `mask`, which is always a file."""
    return {
        field.name: field_schema(field)
        for kind in (Options, OutputOptions)
        for field in dataclasses.fields(kind)
        if field.name != "mask"
    }


def field_schema(field: "dataclasses.Field[Any]") -> dict[str, Any]:
    """Return the JSON schema of a field of options."""
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    schema = {"type": kinds[type(field.default)], "default": field.default, "description": field.metadata["help"]}
    if field.name in _KNOWN:
        schema["enum"] = list(_KNOWN[field.name])
    return schema
