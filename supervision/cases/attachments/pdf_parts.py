"""What the parts of a PDF page may hold (ISO 32000-1), as a table: whatever is not here is not copied.

« names of x » is a dictionary whose keys the author of the file chose and whose values are x; « any » is copied as it
is, except for the keys and types at the end, which tell of people or make a reader do something.
"""

from __future__ import annotations

_ANY = "any"


def _any(*names: str) -> dict[str, str]:
    return {f"/{name}": _ANY for name in names}


PARTS: dict[str, dict[str, str]] = {
    "nothing": {},
    "page": {
        **_any("MediaBox", "CropBox", "Rotate", "UserUnit", "Group"),
        "/Resources": "resources",
        "/Contents": "content",
    },
    "content": {},  # bytes only
    "resources": {
        "/ProcSet": _ANY,
        "/Font": "names of font",
        "/XObject": "names of xobject",
        "/ExtGState": "names of state",
        "/ColorSpace": "names of any",
        "/Pattern": "names of pattern",
        "/Shading": "names of any",
    },
    "form": {
        **_any("Type", "Subtype", "FormType", "BBox", "Matrix", "Group"),
        "/Resources": "resources",
    },
    "image": {
        **_any("Type", "Subtype", "Width", "Height", "ColorSpace", "BitsPerComponent", "Intent", "ImageMask"),
        **_any("Decode", "Interpolate", "SMaskInData", "Matte"),
        "/Mask": "image",
        "/SMask": "image",
    },
    "font": {
        **_any("Type", "Subtype", "BaseFont", "Name", "FirstChar", "LastChar", "Widths", "FontDescriptor", "Encoding"),
        **_any("ToUnicode", "CIDSystemInfo", "DW", "W", "DW2", "W2", "CIDToGIDMap", "FontBBox", "FontMatrix"),
        "/DescendantFonts": "list of font",
        "/CharProcs": "names of content",
        "/Resources": "resources",
    },
    "state": {
        **_any("Type", "LW", "LC", "LJ", "ML", "D", "RI", "OP", "op", "OPM", "BG", "BG2", "UCR", "UCR2", "TR", "TR2"),
        **_any("HT", "FL", "SM", "SA", "BM", "CA", "ca", "AIS", "TK"),
        "/Font": "list of font",
        "/SMask": "mask",
    },
    "mask": {**_any("Type", "S", "BC", "TR"), "/G": "xobject"},
    "pattern": {
        **_any("Type", "PatternType", "PaintType", "TilingType", "BBox", "XStep", "YStep", "Matrix", "Shading"),
        "/Resources": "resources",
        "/ExtGState": "state",
    },
}

DENIED = {
    f"/{name}"
    for name in (
        *("Metadata", "PieceInfo", "AF", "OPI", "Alternates", "LastModified", "Measure", "PtData", "Thumb", "OC"),
        *("AA", "A", "OpenAction", "JS", "JavaScript", "Launch", "URI", "Names", "EmbeddedFiles", "EF", "Annots"),
        *("AcroForm", "XFA", "Parent", "P", "StructParent", "StructParents", "Ref", "Info", "Author", "Creator"),
    )
}
DENIED_TYPES = {
    f"/{name}"
    for name in (
        *("Catalog", "Pages", "Page", "Annot", "Action", "Filespec", "F", "EmbeddedFile", "Metadata", "Sig"),
        *("OCG", "OCMD", "StructTreeRoot", "StructElem", "Outlines", "Collection", "Rendition", "3D", "Bead", "Thread"),
    )
}
