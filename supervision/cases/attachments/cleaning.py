"""From the bytes somebody sent to bytes that hold the picture, or the pages, and nothing else.

What a file is, its first bytes say, never its name nor what the browser called it; then it is taken apart whole and
made anew. So what was hidden in it (where and when a picture was taken, who wrote a text, a second file behind the
first one) is not searched for and cut out: it is not copied.

Hostile files are read here. The application calls `workshop.clean`, which does this in a process of its own.
"""

from __future__ import annotations

from supervision.cases.attachments import documents, pictures
from supervision.cases.attachments.rules import Cleaned, Damaged, Empty, FileRefused, NotAccepted, TooComplex


def clean(data: bytes) -> Cleaned:
    """Clean one file.

    Raises:
        FileRefused: the class says why.
    """
    kind = _kind(data)
    try:
        return documents.clean(data) if kind == "PDF" else pictures.clean(data, kind)
    except FileRefused:
        raise
    except (MemoryError, RecursionError) as error:
        raise TooComplex from error
    except Exception as error:  # the decoders raise whatever a broken file leads them to
        raise Damaged from error


def _kind(data: bytes) -> str:
    """By what stands at the very beginning: a file that is two things at once is taken for the first one."""
    if not data:
        raise Empty
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith(b"%PDF-"):
        return "PDF"
    raise NotAccepted
