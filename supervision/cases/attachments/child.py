"""The process in which one hostile file is read: it has no key, no database, no settings, little memory and time.

Run by `workshop`, as a program: the file comes on standard input; a line that says what came of it, and the clean
file, go to standard output. The only argument is where packages are found.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType

MEMORY = 1024 * 1024 * 1024  # of addresses, of which the largest file that is taken uses half
SECONDS = 20  # of computing


def main() -> None:
    _limit()
    _know_the_way(sys.argv[1])
    cleaning = importlib.import_module("supervision.cases.attachments.cleaning")
    try:
        clean = cleaning.clean(sys.stdin.buffer.read())
    except cleaning.FileRefused as refusal:
        _say({"refused": type(refusal).__name__})
        return
    _say({"media_type": clean.media_type, "extension": clean.extension})
    sys.stdout.buffer.write(clean.content)


def _limit() -> None:
    """Where the system knows limits (not on Windows); elsewhere the caller's patience is the only one."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a memory dump would hold the file
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # nothing is ever written to a disk
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _know_the_way(packages: str) -> None:
    """Find the cleaning without loading the application: it takes seconds, and this process has no use for it."""
    sys.path[:] = packages.split(os.pathsep)
    package = ModuleType("supervision")
    package.__path__ = [str(Path(__file__).resolve().parents[2])]
    sys.modules["supervision"] = package


def _say(words: dict[str, str]) -> None:
    sys.stdout.buffer.write(json.dumps(words).encode() + b"\n")


if __name__ == "__main__":
    main()
