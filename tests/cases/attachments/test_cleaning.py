"""Hostile files: what is in them besides the picture, or the pages, does not come through."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from PIL import Image

from supervision.cases.attachments import pictures, workshop
from supervision.cases.attachments.cleaning import clean
from supervision.cases.attachments.rules import (
    Animated,
    Damaged,
    Empty,
    Encrypted,
    FileRefused,
    HiddenLayers,
    NotAccepted,
    TooComplex,
    TooManyPages,
    TooManyPixels,
)
from tests.cases.attachments import hostile
from tests.cases.attachments.hostile import AUTHOR, FOREIGN, GPS, HTML, SCRIPT, zipped

BAITS = (GPS, AUTHOR, SCRIPT, FOREIGN)


def baits_in(data: bytes) -> set[str]:
    """The baits that can be found in a file, packed or not."""
    found = data
    if data.startswith(b"%PDF-"):
        with pikepdf.open(BytesIO(data)) as document:
            for part in document.objects:
                found += repr(part).encode("utf-8", "surrogatepass")
                found += _unpacked(part) if isinstance(part, pikepdf.Stream) else b""
    return {bait for bait in BAITS if any(bait.encode(code) in found for code in ("utf-8", "utf-16-be", "utf-16-le"))}


def _unpacked(stream: Any) -> bytes:
    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError:
        return bytes(stream.read_raw_bytes())


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


# --- images -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "media_type", "extension"),
    [
        (hostile.jpeg(), "image/jpeg", "jpg"),
        (hostile.png(), "image/png", "png"),
        (hostile.webp(), "image/jpeg", "jpg"),
        (hostile.saved(hostile.picture(mode="RGBA"), "WEBP"), "image/jpeg", "jpg"),
        (hostile.saved(hostile.picture(mode="LA"), "PNG"), "image/png", "png"),
        (hostile.saved(hostile.picture(mode="CMYK"), "JPEG", exif=hostile.exif()), "image/jpeg", "jpg"),
    ],
    ids=["jpeg", "png", "webp", "opaque webp", "grey png", "cmyk"],
)
def test_of_an_image_only_the_picture_is_left(sent: bytes, media_type: str, extension: str) -> None:
    cleaned = clean(sent)
    image = opened(cleaned.content)
    assert (cleaned.media_type, cleaned.extension, image.size) == (media_type, extension, (64, 48))
    assert (dict(image.getexif()), baits_in(cleaned.content)) == ({}, set())
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert image.convert("L").getpixel((5, 5)) < 60 < 200 < image.convert("L").getpixel((60, 40))  # type: ignore[operator]


def test_the_baits_are_there_before() -> None:
    assert [baits_in(sent) for sent in (hostile.jpeg(), hostile.webp())] == [{GPS, AUTHOR}] * 2
    assert baits_in(hostile.png()) == {GPS, AUTHOR}
    assert baits_in(hostile.hostile_pdf()) == set(BAITS)


def test_a_picture_taken_sideways_is_set_upright_before_its_exif_data_goes() -> None:
    image = opened(clean(hostile.jpeg(exif=hostile.exif(orientation=6))).content).convert("L")
    assert image.size == (48, 64)
    assert image.getpixel((43, 5)) < 60 < 200 < image.getpixel((5, 60))  # type: ignore[operator]


def test_sixteen_bits_of_grey_stay_grey() -> None:
    sent = hostile.saved(Image.new("I;16", (8, 8), 128 * 256), "PNG")
    assert opened(clean(sent).content).convert("L").getpixel((4, 4)) == 128


@pytest.mark.parametrize("end", [zipped(), HTML, b"MZ" + FOREIGN.encode()], ids=["zip", "html", "exe"])
@pytest.mark.parametrize("make", [hostile.jpeg, hostile.png, hostile.webp])
def test_what_stands_behind_an_image_does_not_come_through(make: Any, end: bytes) -> None:
    cleaned = clean(make() + end).content
    assert baits_in(cleaned) == set()
    assert not zipfile.is_zipfile(BytesIO(cleaned))


@pytest.mark.parametrize(
    "sent",
    [hostile.png_header(20_000, 20_000), hostile.jpeg_header(60_000, 60_000), hostile.webp_header(16_383, 16_383)],
    ids=["png", "jpeg", "webp"],
)
def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_: Any) -> None:
        raise AssertionError("decoded")

    for loader in ("JpegImagePlugin.JpegImageFile", "PngImagePlugin.PngImageFile", "WebPImagePlugin.WebPImageFile"):
        monkeypatch.setattr(f"PIL.{loader}.load", decoded)
    with pytest.raises(TooManyPixels):
        clean(sent)


def test_a_large_photograph_is_made_smaller_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "KEPT_PIXELS", 64 * 48 // 4)
    assert opened(clean(hostile.jpeg()).content).size == (32, 24)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_image_is_refused(kind: str) -> None:
    with pytest.raises(Animated):
        clean(hostile.animated(kind))


@pytest.mark.parametrize("make", [hostile.jpeg, hostile.png, hostile.webp, hostile.hostile_pdf])
@pytest.mark.parametrize("part", [0.1, 0.4])
def test_half_a_file_is_refused(make: Any, part: float) -> None:
    whole = make()
    with pytest.raises(FileRefused):
        clean(whole[: int(len(whole) * part)])


# --- what is no image and no PDF --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        zipped(),
        HTML,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"MZ\x90\x00" + b"\x00" * 100,
        b"\x7fELF" + b"\x00" * 100,
        hostile.saved(hostile.picture(), "GIF") + zipped(),
        hostile.saved(hostile.picture(), "BMP"),
        hostile.saved(hostile.picture(), "TIFF"),
        b"%!PS-Adobe-3.0",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b" " + hostile.jpeg(),
        HTML + hostile.written(hostile.pdf()),
        zipped() + hostile.written(hostile.pdf()),
        b"\xef\xbb\xbf%PDF-1.7",
        b"\x89PNG\n\x1a\n" + hostile.png(),
        "Une séance".encode(),
    ],
)
def test_anything_else_is_refused_by_how_it_begins(sent: bytes) -> None:
    with pytest.raises(NotAccepted):
        clean(sent)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Empty):
        clean(b"")


@pytest.mark.parametrize("start", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00\x00\x00WEBP", b"%PDF-1.7\n"])
@pytest.mark.parametrize("rest", [b"", b"\x00" * 5000, HTML, zipped(), b"\xff" * 5000])
def test_a_file_that_only_begins_like_one_is_refused(start: bytes, rest: bytes) -> None:
    with pytest.raises(Damaged):
        clean(start + rest)


# --- PDF --------------------------------------------------------------------------------------------------------------

RISKY = ("/JavaScript", "/JS", "/OpenAction", "/AA", "/EmbeddedFile", "/Filespec", "/AF", "/Launch", "/URI", "/Annots")
RISKY += ("/Metadata", "/Info", "/Names", "/AcroForm", "/PieceInfo", "/Outlines", "/Thumb", "/StructTreeRoot")


def keys_and_names(data: bytes) -> str:
    with pikepdf.open(BytesIO(data)) as document:
        return "\n".join(repr(part) for part in (document.trailer, *document.objects))


def test_of_a_pdf_only_what_its_pages_show_is_left() -> None:
    sent = hostile.hostile_pdf()
    cleaned = clean(sent)
    before, after = keys_and_names(sent), keys_and_names(cleaned.content)
    assert (cleaned.media_type, cleaned.extension) == ("application/pdf", "pdf")
    assert baits_in(cleaned.content) == set()
    assert [name for name in RISKY if f'"{name}"' in after] == []
    assert [name for name in RISKY if f'"{name}"' in before] != []
    with pikepdf.open(BytesIO(cleaned.content)) as document:
        page = document.pages[0].obj
        assert b"Bonjour" in page.Contents.read_bytes()
        assert set(page.Resources.XObject.keys()) == {"/Im0", "/Fm0"}
        assert opened(page.Resources.XObject.Im0.read_raw_bytes()).size == (64, 48)
        assert set(document.Root.keys()) == {"/Type", "/Pages"}
        assert document.docinfo == {}


def test_cleaning_twice_changes_nothing_more_and_gives_the_same_bytes() -> None:
    for sent in (hostile.hostile_pdf(), hostile.png()):
        once = clean(sent).content
        assert (clean(sent).content, clean(once).content) == (once, once)


def test_what_somebody_filled_in_stays_on_the_page() -> None:
    cleaned = clean(hostile.filled_form()).content
    with pikepdf.open(BytesIO(cleaned)) as document:
        drawn = [part.read_bytes() for part in document.objects if isinstance(part, pikepdf.Stream)]
        assert [b"Rempli" in content for content in drawn].count(True) == 1
        assert "/Annots" not in document.pages[0].obj


@pytest.mark.parametrize("end", [zipped(), HTML], ids=["zip", "html"])
def test_what_stands_behind_a_pdf_does_not_come_through(end: bytes) -> None:
    cleaned = clean(hostile.written(hostile.pdf()) + end).content
    assert (baits_in(cleaned), zipfile.is_zipfile(BytesIO(cleaned))) == (set(), False)


def test_what_stands_between_the_parts_of_a_pdf_does_not_come_through() -> None:
    sent = hostile.written(hostile.pdf()).replace(b"%PDF-", b"%PDF-1.3\n%" + HTML + b"\n%PDF-", 1)
    assert baits_in(clean(sent).content) == set()


@pytest.mark.parametrize("passwords", [{"owner": "a", "user": "b"}, {"owner": "a", "user": ""}])
def test_a_pdf_with_a_password_is_refused(passwords: dict[str, str]) -> None:
    with pytest.raises(Encrypted):
        clean(hostile.written(hostile.pdf(), encryption=pikepdf.Encryption(**passwords)))


def test_a_pdf_with_layers_that_are_not_shown_is_refused() -> None:
    with pytest.raises(HiddenLayers):
        clean(hostile.layered())


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    with pytest.raises(TooManyPages):
        clean(hostile.written(hostile.pdf(pages=201)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({}, TooComplex),
        ({"filters": 2}, FileRefused),
        ({"filters": 6, "size": 4_000_000}, TooComplex),
        ({"size": 100_000_000, "streams": 4}, TooComplex),
    ],
)
def test_a_pdf_that_unpacks_to_too_much_is_refused(sent: dict[str, int], reason: type[FileRefused]) -> None:
    with pytest.raises(reason):
        clean(hostile.bomb(**sent))


def test_a_pdf_nested_without_end_is_refused() -> None:
    with pytest.raises(FileRefused):
        clean(hostile.nested())


def test_forms_that_name_one_another_are_copied_once() -> None:
    with pikepdf.open(BytesIO(clean(hostile.endless()).content)) as document:
        assert len(document.objects) < 10


# --- in a process of its own ------------------------------------------------------------------------------------------


def test_the_workshop_gives_the_same_file_and_the_same_refusals() -> None:
    assert workshop.clean(hostile.jpeg()) == clean(hostile.jpeg())
    with pytest.raises(NotAccepted):
        workshop.clean(zipped())


def test_the_workshop_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "CANARYsecret")
    assert set(workshop._environment()) <= {"SYSTEMROOT"}
    assert "CANARYsecret" not in " ".join(workshop._command())


def test_a_file_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "PATIENCE", 0.01)
    with pytest.raises(TooComplex):
        workshop.clean(hostile.jpeg())


def test_a_file_that_fells_the_decoder_is_refused_and_nothing_of_it_is_logged(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workshop, "_command", lambda: [*PYTHON, "import os,sys; sys.stdin.read(); os.abort()"])
    with pytest.raises(TooComplex):
        workshop.clean(FOREIGN.encode())
    assert FOREIGN not in "".join(capfd.readouterr())


def test_only_one_file_is_cleaned_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "TURN", 0.01)
    with workshop._one_at_a_time, pytest.raises(workshop.Busy):
        workshop.clean(hostile.jpeg())


PYTHON = [*workshop._command()[:2], "-c"]
