"""What a file is called on the screen and when it is saved: calm, short, with the extension of what it really is."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80  # characters, extension included; each has at most four bytes, and every file system takes 255
_MARKS = 2  # accents one letter may carry

# Windows keeps these names for devices, whatever their extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*./\\]+')  # on Windows; and a dot, so that there is one extension only
_EXTENSION = re.compile(r"\.\w{1,5}$")
# The day and the hour that a camera or a telephone writes into a name, which leave the file with its EXIF data.
_MOMENT = re.compile(
    r"\d{4}[-_. ]\d{2}[-_. ]\d{2}|\d{2}[-_. ]\d{2}[-_. ]\d{4}"
    r"|\d{2}[-_.:]\d{2}[-_.:]\d{2}|\d{1,2}[h.:]\d{2}(?!\d)|\d{6,}"
)
_SEPARATORS = re.compile(r"[\s_]*[-_][\s_-]*(?=[-_\s]|$)")


def display_name(given: str, extension: str, *, unnamed: str) -> str:
    """A name to show and to save under, made from the one that was sent.

    `extension` comes without a dot and from the content; `unnamed` stands in where nothing is left of the name.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    stem = _EXTENSION.sub("", _visible(last).strip())
    stem = _SEPARATORS.sub("", _MOMENT.sub("", stem))
    stem = " ".join(_FORBIDDEN.sub("-", stem).split()).strip(" -_~")
    stem = stem[: LONGEST - len(extension) - 1].rstrip(" -_~")
    if not stem or _RESERVED.fullmatch(stem):
        stem = unnamed
    return f"{stem}.{extension}"


def _visible(text: str) -> str:
    """Without what hides, reorders or piles up: controls, bidirectional marks, private and lone code points."""
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in {"Zs", "Zl", "Zp"}:
            kept.append(" ")
        elif category[0] != "C" and marks <= _MARKS and (kept or not marks):
            kept.append(character)
    return "".join(kept)
