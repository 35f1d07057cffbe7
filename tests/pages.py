"""What a person sees or hears of a page."""

from __future__ import annotations

import html5lib

SPOKEN = ("aria-label", "title", "alt", "placeholder", "data-saving", "data-offline")  # attributes that hold words


def page_texts(html: str) -> list[str]:
    """What a person sees or hears of a page, piece by piece."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    pieces: list[str | None] = []
    for element in tree.iter():
        if element.tag not in {"style", "script"}:
            pieces += [element.text, *(element.get(name) for name in SPOKEN)]
        pieces.append(element.tail)
    return [" ".join(piece.split(" ")).strip() for piece in pieces if piece and piece.strip()]
