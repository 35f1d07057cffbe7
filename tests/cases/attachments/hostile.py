"""Files as somebody might send them: with what must not come through, and baits to find it by."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image, PngImagePlugin

GPS = "CANARYgps"
AUTHOR = "CANARYauthor"
SCRIPT = "CANARYscript"
FOREIGN = "CANARYforeign"
HTML = f"<html><script>alert('{SCRIPT}')</script></html>".encode()
_MAKER, _DESCRIPTION, _ORIENTATION, _GPS_INFO = 0x010F, 0x010E, 0x0112, 0x8825


def exif(orientation: int = 1) -> Image.Exif:
    """What a telephone writes: make, a description, the place."""
    data = Image.Exif()
    data[_MAKER], data[_DESCRIPTION], data[_ORIENTATION] = AUTHOR, AUTHOR, orientation
    data.get_ifd(_GPS_INFO).update({1: "N", 2: (48.0, 51.0, 24.0), 29: GPS})
    return data


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """Its upper left quarter is dark, so that one sees which way up it is."""
    whole = Image.new("RGB", size, (240, 240, 230))
    whole.paste((20, 40, 60), (0, 0, size[0] // 2, size[1] // 2))
    return whole.convert(mode)


def jpeg(**options: Any) -> bytes:
    """With EXIF, XMP, a comment and a thumbnail."""
    given = {"exif": exif(), "comment": AUTHOR.encode(), "xmp": f"<x:xmpmeta>{GPS}</x:xmpmeta>".encode(), **options}
    return saved(picture(), "JPEG", **given)


def png(**options: Any) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", AUTHOR)
    texts.add_itxt("XML:com.adobe.xmp", GPS, zip=True)
    return saved(picture(), "PNG", pnginfo=texts, exif=exif(), **options)


def webp(**options: Any) -> bytes:
    return saved(picture(), "WEBP", exif=exif(), xmp=GPS.encode(), **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def animated(kind: str) -> bytes:
    frames = [picture(), Image.new("RGB", (64, 48), "red")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def zipped() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", FOREIGN)
        archive.writestr("word/document.xml", FOREIGN)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is so large, in a few bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg_header(width: int, height: int) -> bytes:
    """A JPEG whose frame says it is so large."""
    whole = bytearray(saved(picture(), "JPEG"))
    at = whole.index(b"\xff\xc0")
    whole[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(whole)


def webp_header(width: int, height: int) -> bytes:
    extended = b"VP8X" + struct.pack("<I", 10) + b"\x00" * 4 + (width - 1).to_bytes(3, "little")
    body = b"WEBP" + extended + (height - 1).to_bytes(3, "little") + b"VP8 " + struct.pack("<I", 0)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# --- PDF --------------------------------------------------------------------------------------------------------------


def pdf(pages: int = 1) -> pikepdf.Pdf:
    """A page that says Bonjour."""
    made = pikepdf.new()
    for _ in range(pages):
        page = made.add_blank_page(page_size=(300, 200))
        font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        page.obj.Contents = Stream(made, b"BT /F1 24 Tf 20 100 Td (Bonjour) Tj ET")
    return made


def written(made: pikepdf.Pdf, **options: Any) -> bytes:
    out = BytesIO()
    made.save(out, **options)
    return out.getvalue()


def hostile_pdf() -> bytes:
    """A page that shows Bonjour, and everything a PDF can carry besides."""
    made = pdf()
    page, root = made.pages[0].obj, made.Root
    script = Dictionary(S=Name.JavaScript, JS=f"app.alert('{SCRIPT}')")
    made.docinfo["/Author"] = AUTHOR
    with made.open_metadata() as xmp:
        xmp["dc:creator"] = [AUTHOR]
    root.OpenAction = script
    root.AA = Dictionary(WC=script)
    root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["x", script])))
    made.attachments["piece.txt"] = FOREIGN.encode()
    root.AF = Array([made.attachments["piece.txt"].obj])
    root.URI = Dictionary(Base=f"http://{FOREIGN}.example")
    page.AA = Dictionary(O=script)
    page.Metadata = Stream(made, GPS.encode())
    page.PieceInfo = Dictionary(X=AUTHOR)
    page.Thumb = Stream(made, FOREIGN.encode())
    page.Annots = Array([made.make_indirect(link) for link in _annotations(script)])
    page.Resources.XObject = Dictionary(Im0=_photograph(made), Fm0=_form(made))
    page.Contents = Stream(made, page.Contents.read_bytes() + b"\nq 64 0 0 48 200 20 cm /Im0 Do Q /Fm0 Do")
    root.AcroForm = Dictionary(Fields=Array([page.Annots[3]]), XFA=Stream(made, SCRIPT.encode()))
    with made.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(AUTHOR, 0))
    return written(made, fix_metadata_version=False)


def _annotations(script: Any) -> list[Any]:
    box = Array([0, 0, 50, 50])
    launch = Dictionary(S=Name.Launch, F=f"{FOREIGN}.exe")
    return [
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=box, A=Dictionary(S=Name.URI, URI=f"http://{FOREIGN}")),
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=box, A=launch),
        Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=box, Contents=AUTHOR, T=AUTHOR),
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=box, FT=Name.Tx, T="f", AA=Dictionary(K=script)),
    ]


def _photograph(made: pikepdf.Pdf) -> Any:
    """As a telephone puts it into a PDF: with its EXIF data, and XMP beside."""
    image = Stream(made, jpeg() + zipped())
    image.write(jpeg() + HTML, filter=Name.DCTDecode)
    image.stream_dict.update(
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Width": 64,
            "/Height": 48,
            "/BitsPerComponent": 8,
            "/ColorSpace": Name.DeviceRGB,
            "/Metadata": Stream(made, GPS.encode()),
        }
    )
    return image


def _form(made: pikepdf.Pdf) -> Any:
    form = Stream(made, b"0 0 10 10 re f")
    form.stream_dict.update(
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Form,
            "/BBox": Array([0, 0, 300, 200]),
            "/PieceInfo": Dictionary(X=AUTHOR),
            "/LastModified": AUTHOR,
        }
    )
    return form


def filled_form() -> bytes:
    """A form field somebody filled in: what is written stands only in the field."""
    made = pdf()
    looks = Stream(made, b"BT /F1 12 Tf 2 4 Td (Rempli) Tj ET")
    looks.stream_dict.update(
        {
            "/Subtype": Name.Form,
            "/BBox": Array([0, 0, 100, 20]),
            "/Resources": made.pages[0].obj.Resources,
        }
    )
    field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="f", V="Rempli", F=4)
    field.Rect, field.AP = Array([20, 20, 120, 40]), Dictionary(N=looks)
    field = made.make_indirect(field)
    made.pages[0].obj.Annots = Array([field])
    made.Root.AcroForm = Dictionary(Fields=Array([field]))
    return written(made)


def locked() -> pikepdf.Encryption:
    return pikepdf.Encryption(owner="a", user="b")


def upload() -> tuple[BytesIO, str]:
    """As a form of the test client sends it."""
    return BytesIO(png()), "dessin.png"


def layered() -> bytes:
    made = pdf()
    layer = made.make_indirect(Dictionary(Type=Name.OCG, Name="caché"))
    made.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    return written(made)


def bomb(*, filters: int = 1, size: int = 400_000_000, streams: int = 1) -> bytes:
    """A page whose content unpacks to `size` bytes, packed as often as `filters` says."""
    made = pdf()
    packing, packed = zlib.compressobj(9), b""
    for _ in range(size // 4_000_000):
        packed += packing.compress(b" " * 4_000_000)
    packed += packing.flush()
    for _ in range(filters - 1):
        packed = zlib.compress(packed, 9)
    parts = []
    for _ in range(streams):
        content = Stream(made, b"")
        content.write(packed, filter=Array([Name.FlateDecode] * filters))
        parts.append(made.make_indirect(content))
    made.pages[0].obj.Contents = Array(parts)
    return written(made, compress_streams=False)


def nested(depth: int = 3000) -> bytes:
    return b"%PDF-1.7\n1 0 obj\n" + b"[" * depth + b"]" * depth + b"\nendobj\ntrailer <</Root 1 0 R>>\n%%EOF"


def endless() -> bytes:
    """Forms that name one another, and a page tree that bites its tail in its resources."""
    made = pdf()
    one, two = _form(made), _form(made)
    one.Resources = Dictionary(XObject=Dictionary(Two=two))
    two.Resources = Dictionary(XObject=Dictionary(One=one))
    made.pages[0].obj.Resources.XObject = Dictionary(One=one)
    return written(made)
