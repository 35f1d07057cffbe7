"""Images made anew from their pixels: no EXIF, no XMP, no comment, no thumbnail, no profile, nothing behind the end."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from supervision.cases.attachments.rules import Animated, Cleaned, Damaged, TooManyPixels

MOST_PIXELS = {"JPEG": 64_000_000, "PNG": 32_000_000, "WEBP": 32_000_000}
KEPT_PIXELS = 16_000_000  # a JPEG with more is read at half or a quarter of its size: sharp enough for any screen

Image.MAX_IMAGE_PIXELS = None  # Pillow would only warn; the sizes above are looked at before anything is decoded


def clean(data: bytes, kind: str) -> Cleaned:
    """Raises:
    TooManyPixels, Animated, Damaged: and whatever Pillow raises on a broken file.
    """
    if kind == "WEBP":
        _refuse_bomb(_size_of_webp(data), kind)  # opening it takes memory for all of its pixels already
    with Image.open(BytesIO(data), formats=(kind,)) as picture:
        _refuse_bomb(picture.size, kind)
        if kind != "JPEG" and getattr(picture, "is_animated", False):
            raise Animated  # a JPEG's second picture is its preview, which is left behind
        if kind == "JPEG":
            picture.draft(None, _affordable(picture.size))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    return _encoded(_plain(upright, kind), kind)


def _refuse_bomb(size: tuple[int, int], kind: str) -> None:
    if min(size) < 1:
        raise Damaged
    if size[0] * size[1] > MOST_PIXELS[kind]:
        raise TooManyPixels


def _affordable(size: tuple[int, int]) -> tuple[int, int]:
    """The largest of the sizes a JPEG can be decoded at that the memory is not felt at."""
    scale = next(scale for scale in (1, 2, 4, 8) if size[0] * size[1] <= KEPT_PIXELS * scale * scale)
    return max(1, size[0] // scale), max(1, size[1] // scale)


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """In one of the modes that every reader shows, with nothing attached to it."""
    if picture.mode.startswith("I"):  # sixteen bits of grey, which a plain conversion would burn to white
        picture = picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        plain = picture.convert("RGBA")
    elif picture.mode == "P" and kind == "PNG":
        plain = picture.copy()  # a drawing of few colours would grow if it got them all
    else:
        plain = picture.convert("L" if picture.mode in {"1", "L", "F"} else "RGB")
    plain.info = {}
    return plain


def _encoded(picture: Image.Image, kind: str) -> Cleaned:
    out, as_jpeg = BytesIO(), kind != "PNG" and picture.mode != "RGBA"
    if as_jpeg:
        picture.save(out, "JPEG", quality=88, optimize=True)
        return Cleaned(out.getvalue(), "image/jpeg", "jpg")
    picture.save(out, "PNG", optimize=picture.width * picture.height < KEPT_PIXELS // 4)
    return Cleaned(out.getvalue(), "image/png", "png")


def _size_of_webp(data: bytes) -> tuple[int, int]:
    """Width and height as the first chunk gives them (RFC 9649)."""
    chunk, head = data[12:16], data[20:30]
    if len(head) < 10:
        raise Damaged
    if chunk == b"VP8X":
        return _three(head[4:7]) + 1, _three(head[7:10]) + 1
    if chunk == b"VP8L":
        packed = int.from_bytes(head[1:5], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    raise Damaged


def _three(packed: bytes) -> int:
    return int.from_bytes(packed, "little")
