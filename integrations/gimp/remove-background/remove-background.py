#!/usr/bin/env python3
"""A plug-in for GIMP 3 by which the command `background-remover` cuts a layer out, into a layer with a mask.

Copy the folder of this file into the folder `plug-ins` of GIMP's preferences; the file has to be executable. It is in
the menu Layer > Transparency, and for scripts the procedure `plug-in-remove-background`.
"""

import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio, GLib, GObject  # noqa: E402 - gi wants to know the version before

NAME = "plug-in-remove-background"
COMMAND = "background-remover"
QUIET = Gimp.RunMode.NONINTERACTIVE


class RemoveBackground(Gimp.PlugIn):
    """The plug-in and its one procedure."""

    def do_set_i18n(self, name: str) -> bool:  # noqa: ARG002 - GIMP names it
        """Return that there are no translations."""
        return False

    def do_query_procedures(self) -> list[str]:
        """Return the procedures' names."""
        return [NAME]

    def do_create_procedure(self, name: str) -> "Gimp.Procedure":
        """Return the procedure with its place in the menu and its arguments."""
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, remove_background, None)
        procedure.set_image_types("RGB*, GRAY*")
        procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE)
        procedure.set_documentation(
            "Cut the subject of a layer out, offline", "Adds a layer with a mask above it.", name
        )
        procedure.set_menu_label("_Remove Background")
        procedure.add_menu_path("<Image>/Layer/Transparency")
        shown = GObject.ParamFlags.READWRITE
        procedure.add_string_argument("command", "Command", "What is run, or its path", COMMAND, shown)
        procedure.add_string_argument("flags", "Flags", "More flags, as --subjects largest", "", shown)
        return procedure


def remove_background(
    procedure: "Gimp.Procedure", _: object, image: "Gimp.Image", layers: list["Gimp.Layer"], config: Any, __: object
) -> "Gimp.ValueArray":
    """Add a layer with the cutout of the selected layer above it, and hide that one."""
    if len(layers) != 1:
        return failed(procedure, f"{len(layers)} layers are selected; select one")
    try:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "layer.png"), Path(folder, "cutout.png")
            write(layers[0], source)
            cut_out(config.get_property("command"), config.get_property("flags"), source, target)
            insert(image, layers[0], target)
    except (OSError, RuntimeError, GLib.Error) as error:
        return failed(procedure, str(error))
    return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())


def cut_out(command: str, flags: str, source: Path, target: Path) -> None:
    """Run the command from file to file; raises `RuntimeError` with its error, `OSError` where it isn't found."""
    # The colours under transparent pixels stay, so that painting on the mask brings them back.
    words = [command, "remove", str(source), str(target), "--keep-hidden", *shlex.split(flags)]
    try:
        ran = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - no shell reads it
    except FileNotFoundError as error:
        raise FileNotFoundError(f"no command {command}; pip install background-remover, or give its path") from error
    if ran.returncode:
        raise RuntimeError(ran.stderr.strip() or f"{command} ended with status {ran.returncode}")


def write(layer: "Gimp.Layer", path: Path) -> None:
    """Write one layer alone to a PNG file, in the bit depth and the colour space of its image."""
    kept = layer.get_image()
    alone = Gimp.Image.new_with_precision(
        layer.get_width(), layer.get_height(), kept.get_base_type(), kept.get_precision()
    )
    try:
        alone.set_color_profile(kept.get_effective_color_profile())
        alone.insert_layer(copied(layer, alone), None, 0)
        export = Gimp.get_pdb().lookup_procedure("file-png-export")
        config = export.create_config()
        # Without its profile the file would be taken for sRGB.
        for name, value in (
            ("image", alone),
            ("file", Gio.File.new_for_path(str(path))),
            ("include-color-profile", True),
        ):
            config.set_property(name, value)
        answer = export.run(config)
        if answer.index(0) != Gimp.PDBStatusType.SUCCESS:
            raise RuntimeError(f"the layer can't be written as a PNG file: {Gimp.get_pdb().get_last_error()}")
    finally:
        alone.delete()


def copied(layer: "Gimp.Layer", image: "Gimp.Image") -> "Gimp.Layer":
    """Return a copy of a layer for another image, opaque where the layer itself is, whatever its opacity and mask."""
    copy = Gimp.Layer.new_from_drawable(layer, image)
    copy.set_offsets(0, 0)
    copy.set_opacity(100)
    if copy.get_mask() is not None:
        copy.remove_mask(Gimp.MaskApplyMode.DISCARD)
    return copy


def insert(image: "Gimp.Image", layer: "Gimp.Layer", path: Path) -> None:
    """Insert a file's picture above a layer, its alpha as a layer mask, and hide that layer: one step of Undo."""
    image.undo_group_start()
    try:
        cutout = Gimp.file_load_layer(QUIET, image, Gio.File.new_for_path(str(path)))
        cutout.set_name(f"{layer.get_name()} cutout")
        image.insert_layer(cutout, layer.get_parent(), image.get_item_position(layer))
        cutout.set_offsets(*layer.get_offsets()[1:])
        cutout.add_mask(cutout.create_mask(Gimp.AddMaskType.ALPHA_TRANSFER))
        layer.set_visible(False)
    finally:
        image.undo_group_end()


def failed(procedure: "Gimp.Procedure", message: str) -> "Gimp.ValueArray":
    """Return the answer of a procedure that failed, with its reason."""
    return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error(message))


if __name__ == "__main__":
    Gimp.main(RemoveBackground.__gtype__, sys.argv)
