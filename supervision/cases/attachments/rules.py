"""What a file that goes with a situation may be, and the names of what is refused.

Standard library only: this module is also read by the process that cleans files, which knows nothing else of the
platform.
"""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
PIECE = 256 * 1024  # bytes of a file that are sealed, kept and sent together
ENVELOPE = 64 * 1024  # bytes that a form may add to the file in it


class FileRefused(Exception):
    """A file that is not taken. The words for the person are in `words.REFUSED`, by the name of the class."""


class Empty(FileRefused):
    """No file, or one without a byte."""


class NotAccepted(FileRefused):
    """Neither a JPEG, PNG or WebP image nor a PDF, judged by its content."""


class Damaged(FileRefused):
    """It begins like one of these, and does not open."""


class TooLarge(FileRefused):
    """More bytes than the association takes, before or after cleaning."""


class TooMany(FileRefused):
    """The case has as many files as the association takes."""


class TooManyPixels(FileRefused):
    """An image that would fill the memory, whether it is an attack or a poster."""


class Animated(FileRefused):
    """More than one picture in one file."""


class Encrypted(FileRefused):
    """A PDF with a password, or with restrictions that are a password too."""


class HiddenLayers(FileRefused):
    """A PDF with layers that are not shown: what one does not see must not be handed on."""


class TooManyPages(FileRefused):
    """A PDF of more pages than a situation needs."""


class TooComplex(FileRefused):
    """It would take too much time or memory to clean, or for the next reader to open."""


class Busy(FileRefused):
    """Another file is being cleaned. Trying again a little later helps."""


@dataclass(frozen=True)
class Cleaned:
    """A file of which only the picture, or the pages, are left."""

    content: bytes
    media_type: str
    extension: str  # without a dot


def pieces_of(size: int) -> int:
    """How many pieces a file of so many bytes is kept in."""
    return -(-size // PIECE)


def refuse_more(*, present: int, most: int) -> None:
    """Raises:
    TooMany: there are as many files as may be.
    """
    if present >= most:
        raise TooMany


def refuse_larger(size: int, most_mb: int) -> None:
    """Raises:
    Empty, TooLarge: a file has at least one byte and at most `most_mb` MiB.
    """
    if size == 0:
        raise Empty
    if size > most_mb * MEGABYTE:
        raise TooLarge
