"""A document as Markdown (CommonMark). What people wrote is escaped: no sign of theirs becomes a heading or a link."""

from __future__ import annotations

import re

from supervision.typesetting.document import Block, Document, Paragraph, Run

_ANYWHERE = re.compile(r"([\\`*_\[\]<>&|~$^])")
_AT_START = re.compile(r"^([#+\-=:]|\d{1,9}(?=[.)]))")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")


def render(document: Document) -> str:
    head = [f"# {escaped_line(document.title)}", f"**{escaped_line(document.confidential)}**"]
    parts = [part for block in document.blocks if (part := _block(block))]
    return "\n\n".join([*head, *parts, "---", escaped_line(document.footer)]) + "\n"


def _block(block: Block) -> str:
    if block.kind == "heading":
        return f"{'#' * block.level} {escaped_line(block.text)}"
    if block.kind == "byline":
        return f"*{escaped_line(block.text)}*"
    if block.kind == "facts":
        return "\n".join(f"- **{escaped_line(term)} :** {escaped_line(value)}" for term, value in block.pairs)
    if block.kind == "note":
        quoted = _paragraph(Paragraph((Run(block.text),), "quote"))
        said = "\n\n".join(_paragraph(paragraph) for paragraph in block.paragraphs)
        return f"**{block.number}**\n\n{quoted}\n\n{said}"
    return "\n\n".join(_paragraph(paragraph) for paragraph in block.paragraphs)


def _paragraph(paragraph: Paragraph) -> str:
    """Its lines, each kept where it was by a hard break."""
    lines = _lines(paragraph.runs)
    if paragraph.kind == "quote":
        return "\\\n".join(f"> {line}" for line in lines)
    indent = "    " * paragraph.depth
    if paragraph.kind in {"item", "numbered"}:
        mark = "-" if paragraph.kind == "item" else f"{paragraph.number}."
        inner = indent + " " * (len(mark) + 1)
        return f"{indent}{mark} " + f"\\\n{inner}".join(lines)
    return "\\\n".join(lines)


def _lines(runs: tuple[Run, ...]) -> list[str]:
    whole = "".join(_run(run) for run in runs)
    return [_start(line) for line in whole.split("\n") if line.strip()] or [""]


def _run(run: Run) -> str:
    """Style marks hold on to words, not to blanks or to the end of a line."""
    pieces = []
    for line in run.text.split("\n"):
        text, mark = _ANYWHERE.sub(r"\\\1", line), "**" * run.strong + "*" * run.em
        core = text.strip()
        pieces.append(text.replace(core, f"{mark}{core}{mark}", 1) if mark and core else text)
    return "\n".join(pieces)


def _start(line: str) -> str:
    """The beginning of a line is where most signs have their meaning; blanks before it are kept as such."""
    text = line.lstrip(" \t")
    indent = "\u00a0" * len(line[: len(line) - len(text)].expandtabs(4))
    text = _NUMBERED.sub(r"\1\\\2", text)
    return indent + (f"\\{text}" if _AT_START.match(text) and not text[:1].isdigit() else text)


def escaped_line(text: str) -> str:
    return _start(_ANYWHERE.sub(r"\\\1", " ".join(text.split())))
