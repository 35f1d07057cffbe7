"""The process in which a PDF is set: it has no key, no database, no settings, little memory and time.

Run by `press`, as a program: the content comes on standard input as JSON, the PDF goes to standard output. Nothing is
written to a disk, nothing is fetched: the fonts are those that Typst carries.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

MEMORY = 2 * 1024 * 1024 * 1024  # of addresses: Typst reserves many more than it uses
SECONDS = 20  # of computing
STANDARDS = ["a-2a", "ua-1"]
MOST_NAMED = 60  # different pictures in one text
_MISSING = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_JOINS = "[\u200d\ufe0e\ufe0f]*"  # what makes one picture of several, or varies one
TEMPLATE = Path(__file__).with_name("document.typ")


def main() -> None:
    _limit()
    sys.path[:] = sys.argv[1].split(os.pathsep)
    sys.stdout.buffer.write(_set(importlib.import_module("typst"), sys.stdin.buffer.read().decode()))


def _set(typst: Any, content: str) -> bytes:
    """A PDF that lasts and can be read aloud. What its fonts cannot show is named: « [slightly smiling face] »."""
    for _ in range(MOST_NAMED):
        try:
            return _compiled(typst, content, STANDARDS)
        except typst.TypstError as error:
            missing = _missing(str(error))
            if missing not in content or not missing or not all(map(_is_symbol, missing)):
                break
            for sign in missing:
                content = re.sub(f"{_JOINS}{re.escape(sign)}{_JOINS}", _name(sign), content)
    return _compiled(typst, content, [])  # in a script that no font here knows: the rest is readable


def _compiled(typst: Any, content: str, standards: list[str]) -> bytes:
    compiler = typst.Compiler(
        input=TEMPLATE.read_bytes(),
        root=TEMPLATE.parent,
        ignore_system_fonts=True,
        sys_inputs={"content": content},
        package_path=os.devnull,
        package_cache_path=os.devnull,
    )
    made: bytes = compiler.compile(format="pdf", pdf_standards=standards)
    return made


def _missing(complaint: str) -> str:
    """The signs that Typst has no picture of, as its complaint quotes them."""
    quoted = _MISSING.search(complaint)
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), quoted[1]) if quoted else ""


def _is_symbol(sign: str) -> bool:
    return unicodedata.category(sign) in {"So", "Sk", "Sm", "Cf", "Mn", "Me"}


def _name(sign: str) -> str:
    """The name of a picture; of what only joins or varies pictures, nothing."""
    return f"[{unicodedata.name(sign, '?').lower()}]" if unicodedata.category(sign)[0] == "S" else ""


def _limit() -> None:
    """Where the system knows limits (not on Windows); elsewhere the caller's patience is the only one."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a memory dump would hold the text
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
