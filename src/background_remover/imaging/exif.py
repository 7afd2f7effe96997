"""EXIF data as bytes: what no longer holds of an upright picture is taken out, all else stays where it was."""

import re
import struct

from PIL import ExifTags
from PIL import Image as PillowImage

from background_remover.types import Size

PREFIX = b"Exif\x00\x00"  # stands before EXIF data in JPEG files, and in Pillow's hands
_ORIENTATION, _RESOLUTION, _UNIT = 0x0112, (0x011A, 0x011B), 0x0128
_ENTRY, _INCH, _FINE = 12, 2, 1000  # bytes of an entry; the unit of an inch; a resolution is written in thousandths
_THUMBNAILS = ((0x0201, 0x0202), (0x0111, 0x0117))  # the tags of a thumbnail's place and length
# What a TIFF file's own directory says of the picture, and not of how it is stored.
_TIFF_TAGS = (270, 271, 272, 305, 306, 315, 316, 33432, *range(40091, 40096))
_FOLDERS = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)


def upright(data: bytes) -> bytes:
    """Return the EXIF data of a picture that was turned upright: the orientation is 1 and the thumbnail is gone.

    Nothing is moved, for maker notes hold places counted from the beginning. Data that can't be read give b"": what
    they say of the orientation would turn the picture once more.
    """
    body = bytearray(data.removeprefix(PREFIX))
    try:
        order = {b"II*\0": "<", b"MM\0*": ">"}[bytes(body[:4])]
        (first,) = struct.unpack_from(f"{order}L", body, 4)
        entries, end = _directory(body, order, first)
        if _ORIENTATION in entries:
            struct.pack_into(f"{order}HHLHH", body, entries[_ORIENTATION], _ORIENTATION, 3, 1, 1, 0)
        (second,) = struct.unpack_from(f"{order}L", body, end)
        struct.pack_into(f"{order}L", body, end, 0)
        if second:
            _forget(body, order, second, range(first, end))
    except (KeyError, struct.error):
        return b""
    return PREFIX + bytes(body)


def of_tiff(image: PillowImage.Image) -> bytes:
    """Return the EXIF data among the tags of a TIFF file that Pillow opened, upright; b"" where there are none."""
    tags, kept = image.getexif(), PillowImage.Exif()
    for tag in _TIFF_TAGS:
        if tag in tags:
            kept[tag] = tags[tag]
    for folder in _FOLDERS:
        inside = tags.get_ifd(folder)
        if inside:
            kept.get_ifd(folder).update({tag: inside[tag] for tag in inside if tag != ExifTags.IFD.Interop})
    return kept.tobytes() if list(kept) or any(kept.get_ifd(folder) for folder in _FOLDERS) else b""


def of_size(data: bytes, size: Size) -> bytes:
    """Return EXIF data whose width and height of the picture, where they have any, are those of `size`."""
    if not data:
        return data
    body = bytearray(data.removeprefix(PREFIX))
    try:
        order = {b"II": "<", b"MM": ">"}[bytes(body[:2])]
        entries, _ = _directory(body, order, struct.unpack_from(f"{order}L", body, 4)[0])
        if ExifTags.IFD.Exif in entries:
            (inner,) = struct.unpack_from(f"{order}L", body, entries[ExifTags.IFD.Exif] + 8)
            entries, _ = _directory(body, order, inner)
            for tag, length in ((0xA002, size[1]), (0xA003, size[0])):
                if tag in entries:
                    struct.pack_into(f"{order}HHLL", body, entries[tag], tag, 4, 1, length)
    except (KeyError, struct.error):
        return data
    return PREFIX + bytes(body)


def of_resolution(data: bytes, dpi: tuple[float, float]) -> bytes:
    """Return EXIF data, made of such or of b"", with a resolution in pixels in an inch, along and down.

    The first directory is written anew at the end, for what it leads to is not to be moved.
    """
    body = bytearray(data.removeprefix(PREFIX) or b"II*\0\x08\0\0\0" + bytes(6))
    order = {b"II": "<", b"MM": ">"}[bytes(body[:2])]
    entries, end = _directory(body, order, struct.unpack_from(f"{order}L", body, 4)[0])
    kept = {tag: bytes(body[place : place + _ENTRY]) for tag, place in entries.items()}
    rest = bytes(body[end : end + 4])
    body += bytes(len(body) % 2)
    for tag, dots in zip(_RESOLUTION, dpi, strict=True):
        kept[tag] = struct.pack(f"{order}HHLL", tag, 5, 1, len(body))
        body += struct.pack(f"{order}LL", round(dots * _FINE), _FINE)
    kept[_UNIT] = struct.pack(f"{order}HHLHH", _UNIT, 3, 1, _INCH, 0)
    struct.pack_into(f"{order}L", body, 4, len(body))
    body += struct.pack(f"{order}H", len(kept)) + b"".join(kept[tag] for tag in sorted(kept)) + rest
    return PREFIX + bytes(body)


def upright_xmp(packet: bytes) -> bytes:
    """Return the XMP packet of a picture that was turned upright: the orientation is 1 and thumbnails are gone."""
    packet = re.sub(rb'(tiff:Orientation(?:\s*=\s*["\']|>)\s*)[2-8]', rb"\g<1>1", packet)
    return re.sub(rb"<(xmp|xap):Thumbnails\b.*?</\1:Thumbnails\s*>", b"", packet, flags=re.DOTALL)


def _directory(body: bytearray, order: str, start: int) -> tuple[dict[int, int], int]:
    """Return where each tag of a directory has its entry, and where the entries end."""
    (count,) = struct.unpack_from(f"{order}H", body, start)
    places = [start + 2 + _ENTRY * number for number in range(count)]
    return {struct.unpack_from(f"{order}H", body, place)[0]: place for place in places}, start + 2 + _ENTRY * count


def _forget(body: bytearray, order: str, start: int, needed: range) -> None:
    """Zero a directory and its thumbnail, and cut them off where they are the end of the data.

    Odd data whose thumbnail would lie over the header or the `needed` bytes keep them.
    """
    entries, end = _directory(body, order, start)
    gaps = [(start, end + 4)]
    for place_tag, length_tag in _THUMBNAILS:
        if place_tag in entries and length_tag in entries:
            place, length = (_number(body, order, entries[tag]) for tag in (place_tag, length_tag))
            gaps.append((place, place + length))
    for first, last in sorted(gaps, reverse=True):
        if first < 8 or (first < needed.stop and last > needed.start):
            continue
        body[first:last] = bytes(len(body[first:last]))
        if last >= len(body):
            del body[first:]


def _number(body: bytearray, order: str, entry: int) -> int:
    """Read the first number of an entry of one SHORT or LONG."""
    kind = struct.unpack_from(f"{order}H", body, entry + 2)[0]
    return int(struct.unpack_from(f"{order}{'H' if kind == 3 else 'L'}", body, entry + 8)[0])
