"""Pictures inside a PDF: their metadata taken out, their pixels untouched.

Decoding and encoding them anew would cost quality and minutes; a JPEG is a row of segments, and those that tell of
the camera and the place are left out.
"""

from __future__ import annotations

from supervision.cases.attachments.rules import Damaged

_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
_KEPT_APPLICATION = {0xE0: b"JFIF\x00", 0xEE: b"Adobe"}  # the density, and how the colours are meant
_COMMENT, _SCAN, _END = 0xFE, 0xDA, 0xD9
_JP2_KEPT = {b"jP  ", b"ftyp", b"jp2h", b"jp2c"}


def jpeg_without_metadata(data: bytes) -> bytes:
    """The same picture without application segments and comments, ending where the picture ends.

    Raises:
        Damaged: it is no row of segments.
    """
    if data[:2] != b"\xff\xd8":
        raise Damaged
    out, at = bytearray(b"\xff\xd8"), 2
    while True:
        at = _marker_at(data, at)
        marker = data[at + 1]
        if marker == _END:
            return bytes(out + b"\xff\xd9")
        end = at + 2 if marker in _ALONE else at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data) or (marker not in _ALONE and end < at + 4):
            raise Damaged
        if marker == _SCAN:
            end = _end_of_scan(data, end)
        if _is_kept(marker, data[at + 4 : at + 10]):
            out += data[at:end]
        at = end


def _marker_at(data: bytes, at: int) -> int:
    """Where the next marker stands; any number of FF may come before it."""
    while data[at : at + 2] == b"\xff\xff":
        at += 1
    if len(data) < at + 2 or data[at] != 0xFF:
        raise Damaged
    return at


def _end_of_scan(data: bytes, at: int) -> int:
    """Past the picture's own bytes, in which FF is followed by 00 or by the number of a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Damaged
        if data[at + 1] != 0xFF and data[at + 1] != 0 and data[at + 1] not in _ALONE:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _is_kept(marker: int, head: bytes) -> bool:
    if 0xE0 <= marker <= 0xEF:
        return marker in _KEPT_APPLICATION and head.startswith(_KEPT_APPLICATION[marker])
    return marker != _COMMENT


def jpeg_2000_without_metadata(data: bytes) -> bytes:
    """The same picture with the boxes that a decoder needs and no other.

    Raises:
        Damaged: it is no row of boxes.
    """
    if data[:4] == b"\xff\x4f\xff\x51":  # a bare codestream has no boxes
        return data
    out, at = bytearray(), 0
    while at < len(data):
        size, kind, header = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or len(data) - at  # 0: as far as the file goes
        if size < header or at + size > len(data):
            raise Damaged
        if kind in _JP2_KEPT:
            out += data[at : at + size]
        at += size
    if not out:
        raise Damaged
    return bytes(out)
