"""PDFs made anew, page by page: what a page shows is copied by name, everything else stays behind.

Copied are the page's box, its content and the fonts, images, colours and patterns that the content names. Nothing is
copied that a reader would do something with (actions, scripts, links, forms, files, media) nor that tells of who made
it (the Info dictionary, XMP, bookmarks, the tree of tags, comments). Filled form fields, stamps and markings become
part of the page first, so that what one sees stays.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from supervision.cases.attachments.codestreams import jpeg_2000_without_metadata, jpeg_without_metadata
from supervision.cases.attachments.pdf_parts import DENIED, DENIED_TYPES, PARTS
from supervision.cases.attachments.rules import (
    MEGABYTE,
    Cleaned,
    Damaged,
    Encrypted,
    HiddenLayers,
    TooComplex,
    TooManyPages,
)

MOST_PAGES = 200
MOST_OBJECTS = 100_000
MOST_UNPACKED = 256 * MEGABYTE  # of all that the pages name
MOST_UNPACKED_EACH = 128 * MEGABYTE
MOST_PIXELS = 160_000_000  # of one image: a page of 42 × 29.7 cm at 700 dots an inch
DEEPEST = 60

# How an image is packed; what packs these again is taken off.
_PICTURES = {"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"}
_PACKINGS = {"/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode"}
_WITHOUT_LOSS = pikepdf.StreamDecodeLevel.specialized

# Of the whole process: qpdf, which reads here, keeps them as globals.
pikepdf.settings.set_qpdf_limits(
    max_stream_filters=4,
    flate_max_memory=MOST_UNPACKED_EACH,
    run_length_max_memory=MOST_UNPACKED_EACH,
    png_max_memory=MOST_UNPACKED_EACH,
    tiff_max_memory=MOST_UNPACKED_EACH,
    dct_max_memory=MOST_UNPACKED_EACH,
    dct_max_progressive_scans=100,
    doc_max_warnings=1000,
)


def clean(data: bytes) -> Cleaned:
    """Raises:
    Encrypted, HiddenLayers, TooManyPages, TooComplex, Damaged: and whatever a broken file leads to.
    """
    limits_met = pikepdf.settings.qpdf_limit_errors()
    try:
        return Cleaned(_made_anew(data), "application/pdf", "pdf")
    except pikepdf.PasswordError as error:
        raise Encrypted from error
    except pikepdf.PdfError as error:
        raise TooComplex if pikepdf.settings.qpdf_limit_errors() > limits_met else Damaged from error


def _made_anew(data: bytes) -> bytes:
    with pikepdf.open(BytesIO(data), suppress_warnings=True) as source, pikepdf.new() as made:
        _refuse(source)
        _draw_annotations(source)
        copy = _Copy(made)
        for page in source.pages:
            made.pages.append(pikepdf.Page(copy.page(page.obj)))
        out = BytesIO()
        made.save(
            out,
            min_version="1.7",
            fix_metadata_version=False,
            deterministic_id=True,
            compress_streams=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return out.getvalue()


def _refuse(source: pikepdf.Pdf) -> None:
    if source.is_encrypted:
        raise Encrypted
    if len(source.pages) > MOST_PAGES:
        raise TooManyPages
    if len(source.pages) == 0:
        raise Damaged
    if len(source.objects) > MOST_OBJECTS:
        raise TooComplex
    layers = source.Root.get("/OCProperties")
    shown = layers.get("/D") if isinstance(layers, Dictionary) else None
    if isinstance(shown, Dictionary) and (len(shown.get("/OFF", [])) or shown.get("/BaseState") == Name.OFF):
        raise HiddenLayers


def _draw_annotations(source: pikepdf.Pdf) -> None:
    """Make what was filled in, stamped or marked a part of the page, as it would be printed."""
    if "/AcroForm" in source.Root:
        source.generate_appearance_streams()
    source.flatten_annotations(mode="print")


class _Copy:
    """Copies what pages are made of from one document to another, each part once."""

    def __init__(self, made: pikepdf.Pdf) -> None:
        self.made = made
        self.known: dict[tuple[tuple[int, int], str], Any] = {}
        self.objects = 0
        self.unpacked = 0

    def page(self, page: Any) -> Any:
        made = Dictionary(Type=Name.Page)
        for key, part in PARTS["page"].items():
            value = _inherited(page, key)
            if value is not None:
                made[key] = self.part(value, part, 1)
        return self.made.make_indirect(made)

    def part(self, value: Any, part: str, depth: int) -> Any:
        """Copy a value of which `part` names what may be in it."""
        self.objects += 1
        if self.objects > MOST_OBJECTS * 4 or depth > DEEPEST:
            raise TooComplex
        if not isinstance(value, (Dictionary, Array, Stream)):
            return _loose(value)
        key = (value.objgen, part)
        if not value.is_indirect:
            return self._fresh(value, part, depth, None)
        if key not in self.known:
            self._fresh(value, part, depth, key)
        return self.known[key]

    def _fresh(self, value: Any, part: str, depth: int, key: tuple[tuple[int, int], str] | None) -> Any:
        """A copy, noted before it is filled: a form may name the resources that name it."""
        if isinstance(value, Array):
            made = self._noted(Array(), key)
            for item in value:
                made.append(self.part(item, part.removeprefix("list of "), depth + 1))
            return made
        made = self._noted(Stream(self.made, b"") if isinstance(value, Stream) else Dictionary(), key)
        if isinstance(value, Stream):
            self._pour(value, made, part)
        self._fill(value, made, part, depth)
        return made

    def _noted(self, made: Any, key: tuple[tuple[int, int], str] | None) -> Any:
        if key is not None:
            made = made if isinstance(made, Stream) else self.made.make_indirect(made)
            self.known[key] = made
        return made

    def _fill(self, value: Any, made: Any, part: str, depth: int) -> None:
        """Copy the entries that may be there, each as what it may be."""
        for name, entry in value.items():
            inner = _part_of(part, name, value)
            if inner is not None and not _is_denied(entry):
                made[name] = self.part(entry, inner, depth + 1)

    # --- streams ------------------------------------------------------------------------------------------------------

    def _pour(self, value: Any, made: Any, part: str) -> None:
        """Copy a stream's bytes, counting what they unpack to."""
        filters, parms = _filters(value)
        if int(value.get("/Width", 0)) * int(value.get("/Height", 0)) > MOST_PIXELS:
            raise TooComplex
        if filters and filters[-1] in _PICTURES:
            self._pour_picture(value, made, filters, parms)
        elif filters == ["/FlateDecode"] and not _draws(value, part):
            self._pour_flate(value, made, parms)
        elif set(filters) <= _PACKINGS:
            self._pour_unpacked(value, made, filters)
        else:
            raise Damaged

    def _pour_unpacked(self, value: Any, made: Any, filters: list[str]) -> None:
        if filters[:1] == ["/FlateDecode"]:
            self._end_of_flate(value.read_raw_bytes())  # in steps, before qpdf does it at once
        data = value.read_bytes(_WITHOUT_LOSS)
        if filters != ["/FlateDecode"]:
            self._count(len(data))
        if b"Exif\x00\x00" in data:  # a photograph within the content itself, where nobody puts one
            raise Damaged
        made.write(data)

    def _pour_picture(self, value: Any, made: Any, filters: list[str], parms: list[Any]) -> None:
        data = self._unpacked(value.read_raw_bytes(), filters[:-1])
        self._count(len(data))
        if filters[-1] == "/DCTDecode":
            data = jpeg_without_metadata(data)
        elif filters[-1] == "/JPXDecode":
            data = jpeg_2000_without_metadata(data)
        made.write(data, filter=Name(filters[-1]))
        if parms[-1] is not None:
            made["/DecodeParms"] = self.part(parms[-1], "any", 1)

    def _unpacked(self, data: bytes, filters: list[str]) -> bytes:
        """What an image was packed into once more."""
        if not filters:
            return data
        if not set(filters) <= _PACKINGS:
            raise Damaged
        packed = Stream(self.made, b"")
        packed.write(data, filter=Array([Name(name) for name in filters]))
        return bytes(packed.read_bytes(_WITHOUT_LOSS))

    def _pour_flate(self, value: Any, made: Any, parms: list[Any]) -> None:
        """Keep it packed; what lies behind the end of the packed data is cut off."""
        raw = bytes(value.read_raw_bytes())
        end = self._end_of_flate(raw)
        if end is None:  # damaged: qpdf makes of it what can be made
            self._pour_unpacked(value, made, [])
            return
        made.write(raw[:end], filter=Name.FlateDecode)
        if parms[0] is not None:
            made["/DecodeParms"] = self.part(parms[0], "any", 1)

    def _end_of_flate(self, raw: bytes) -> int | None:
        """Where the packed data ends, None if it does not; what it unpacks to is counted and not kept."""
        unpacking, rest = zlib.decompressobj(), raw
        try:
            while not unpacking.eof:
                unpacked = len(unpacking.decompress(rest, MEGABYTE))
                self._count(unpacked)
                rest = unpacking.unconsumed_tail
                if not unpacked and not rest:
                    return None
        except zlib.error:
            return None
        return len(raw) - len(unpacking.unused_data)

    def _count(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > MOST_UNPACKED:
            raise TooComplex


def _loose(value: Any) -> Any:
    """A name or a string that belongs to no document; numbers belong to none anyway."""
    if isinstance(value, Name):
        return Name(str(value))
    return String(bytes(value)) if isinstance(value, String) else value


def _draws(value: Any, part: str) -> bool:
    """True for a stream of drawing operators: a page's, a form's, a pattern's."""
    return part == "content" or ("/Width" not in value and ("/BBox" in value or "/PatternType" in value))


def _inherited(page: Any, key: str) -> Any:
    """A page's own entry, or that of the branch it hangs from."""
    for _ in range(DEEPEST):
        if not isinstance(page, Dictionary):
            return None
        if key in page:
            return page[key]
        page = page.get("/Parent") if key in {"/MediaBox", "/CropBox", "/Rotate", "/Resources"} else None
    return None


def _part_of(part: str, name: str, value: Any) -> str | None:
    """What an entry of a part may be, or None if it stays behind."""
    if isinstance(value, Stream) and name in {"/Length", "/Filter", "/DecodeParms", "/F", "/FFilter", "/FDecodeParms"}:
        return None  # of the stream itself, which `_pour` writes; or the name of a file elsewhere
    if part.startswith("names of "):
        return part.removeprefix("names of ")
    if part == "xobject":
        part = {"/Form": "form", "/Image": "image"}.get(str(value.get("/Subtype")), "nothing")
    if part in PARTS:
        return PARTS[part].get(name)
    return None if name in DENIED else part


def _is_denied(entry: Any) -> bool:
    """A part of the document that a page has no business with: an action, a file, another page."""
    return isinstance(entry, (Dictionary, Stream)) and str(entry.get("/Type")) in DENIED_TYPES


def _filters(value: Any) -> tuple[list[str], list[Any]]:
    """The filters of a stream in order, and the parameters of each."""
    names, parms = value.get("/Filter"), value.get("/DecodeParms")
    filters = [str(name) for name in names] if isinstance(names, Array) else [str(names)] if names is not None else []
    given = list(parms) if isinstance(parms, Array) else [parms]
    return filters, (given + [None] * len(filters))[: len(filters)]
