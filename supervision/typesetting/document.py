"""A text to take along, as plain values: what both its forms, Markdown and PDF, are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from supervision.forms import clean_text

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style; « \\n » breaks the line."""

    text: str
    strong: bool = False
    em: bool = False


@dataclass(frozen=True)
class Paragraph:
    runs: tuple[Run, ...]
    kind: str = "p"  # p | item | numbered | quote
    depth: int = 0  # of a list
    number: int = 0  # of a numbered item

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Block:
    """kind: heading (level, text) · contents (text) · byline (text) · prose (paragraphs, lang) · facts (pairs) ·
    note (number, …) · picture (drawn, as SVG; text says what it shows).
    """

    kind: str
    text: str = ""
    level: int = 0
    lang: str = ""
    number: int = 0
    pairs: tuple[tuple[str, str], ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    drawn: str = ""


@dataclass(frozen=True)
class Document:
    title: str
    language: str
    confidential: str  # the line that stands on the first page; may be empty
    footer: str  # and the one on each
    author: str
    blocks: tuple[Block, ...] = field(default=())


# --- pieces -----------------------------------------------------------------------------------------------------------


def heading(level: int, text: str) -> Block:
    return Block("heading", text=text, level=level)


def contents(title: str) -> Block:
    """The table of contents: the headings of the second level and their pages."""
    return Block("contents", text=title)


def byline(text: str) -> Block:
    return Block("byline", text=text)


def facts(pairs: Iterable[tuple[Any, Any]]) -> Block:
    return Block("facts", pairs=tuple((str(term), str(value)) for term, value in pairs if value))


def prose(text: str, lang: str) -> Block:
    """As it was written: a blank line begins a paragraph, nothing in it is a sign for anything."""
    return Block("prose", lang=lang, paragraphs=tuple(plain(text)))


def formatted(text: str, lang: str) -> Block:
    """Markdown of the small subset that the screen shows: paragraphs, lists, quotations, strong and emphasised."""
    return Block("prose", lang=lang, paragraphs=tuple(_of_markdown(clean_text(text))))


def note(number: int, quote: str, text: str, lang: str) -> Block:
    """A margin note: the passage, and what is said of it."""
    said = tuple(_of_markdown(clean_text(text)))
    return Block("note", number=number, text=clean_text(quote), lang=lang, paragraphs=said)


def picture(drawn: str, text: str) -> Block:
    """A drawing (SVG), and what it says for whoever does not see it."""
    return Block("picture", text=text, drawn=drawn)


def plain(text: str) -> Iterator[Paragraph]:
    lines: list[str] = []
    for line in [*clean_text(text).split("\n"), ""]:
        if line.strip():
            lines.append(line)
        elif lines:
            yield Paragraph((Run("\n".join(lines)),))
            lines = []


def _of_markdown(text: str) -> Iterator[Paragraph]:
    """What the tokens say, flattened: an item of an item is an item, deeper."""
    lists: list[int] = []  # for each open list the number of its next item, 0 for bullets
    quotes, is_first = 0, False
    for token in _markdown.parse(text):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else 0)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "blockquote_open":
            quotes += 1
        elif token.type == "blockquote_close":
            quotes -= 1
        elif token.type == "list_item_open":
            is_first = True
        elif token.type in {"inline", "fence", "code_block"}:
            runs = tuple(_runs(token.children or [])) if token.type == "inline" else (Run(token.content.rstrip("\n")),)
            if "".join(run.text for run in runs).strip():
                yield _paragraph(runs, lists, is_quote=quotes > 0, is_item=is_first)
                if is_first and lists and lists[-1]:
                    lists[-1] += 1
            is_first = False


def _paragraph(runs: tuple[Run, ...], lists: list[int], *, is_quote: bool, is_item: bool) -> Paragraph:
    if is_item and lists:
        kind = "numbered" if lists[-1] else "item"
        return Paragraph(runs, kind, depth=len(lists) - 1, number=lists[-1])
    return Paragraph(runs, "quote" if is_quote else "p")


def _runs(tokens: list[Token]) -> Iterator[Run]:
    strong = em = 0
    for token in tokens:
        if token.type == "strong_open":
            strong += 1
        elif token.type == "strong_close":
            strong -= 1
        elif token.type == "em_open":
            em += 1
        elif token.type == "em_close":
            em -= 1
        elif token.type in {"softbreak", "hardbreak"}:
            yield Run("\n")
        elif token.content:
            yield Run(token.content, strong=strong > 0, em=em > 0)
