"""Static files under names that carry their content's hash, compressed once, cached for ever.

The built copies live in the instance folder; a changed file gets a new name, so nothing ever needs to be purged from
a cache. The style sheets of `static/css` become one file, in the order below.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

STYLE_SHEETS = ("tokens", "base", "layout", "components", "thread", "texts", "print")
_COMPRESSIBLE = {".css", ".js", ".svg", ".txt"}
_YEAR = 365 * 24 * 3600


def init_app(app: Flask, headers: Mapping[str, str]) -> None:
    """`headers` go with every file: these answers never pass through the application."""
    files = _collect(app.config["ROOT"] / "static")
    names = {name: _hashed(name, content) for name, content in files.items()}
    files = {name: _rewrite(name, content, names) for name, content in files.items()}
    names = {name: _hashed(name, content) for name, content in files.items()}
    folder = _build(app.config["SETTINGS"].instance_dir / "assets", files, names)
    app.jinja_env.globals["asset"] = lambda name: f"/static/{names[name]}"

    def add_headers(sent: Headers, path: str, url: str) -> None:
        for name, value in headers.items():
            sent[name] = value

    white_noise = WhiteNoise(
        app.wsgi_app,
        max_age=_YEAR,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: True,
        add_headers_function=add_headers,
    )
    white_noise.add_files(str(folder), prefix="static/")
    app.wsgi_app = white_noise  # type: ignore[method-assign]


def _collect(root: Path) -> dict[str, bytes]:
    sheets = [root / "css" / f"{name}.css" for name in STYLE_SHEETS]
    files = {"css/app.css": b"".join(_condensed(sheet.read_bytes()) for sheet in sheets if sheet.is_file())}
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix in {".js", ".woff2", ".svg", ".png", ".ico"}:
            files[path.relative_to(root).as_posix()] = path.read_bytes()
    return files


def _condensed(sheet: bytes) -> bytes:
    """The sheet without comments, indents and blank lines."""
    lines = re.sub(rb"/\*.*?\*/", b"", sheet, flags=re.DOTALL).splitlines()
    return b"".join(line.strip() + b"\n" for line in lines if line.strip())


def _rewrite(name: str, content: bytes, names: dict[str, str]) -> bytes:
    """Point the style sheet's `url(../fonts/x.woff2)` at the hashed names."""
    if not name.endswith(".css"):
        return content
    for original, hashed in names.items():
        content = content.replace(f"../{original}".encode(), f"../{hashed}".encode())
    return content


def _hashed(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{suffix}"


def _build(home: Path, files: dict[str, bytes], names: dict[str, str]) -> Path:
    """Write the set once, whole; processes that start together may race, and the first one wins."""
    digest = hashlib.sha256("".join(sorted(names.values())).encode()).hexdigest()[:12]
    folder = home / digest
    if folder.is_dir():
        return folder
    home.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=home))
    for name, content in files.items():
        _write(scratch / names[name], content)
    scratch.chmod(0o755)
    try:
        scratch.rename(folder)
    except OSError:
        shutil.rmtree(scratch)
    return folder


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    if target.suffix in _COMPRESSIBLE:
        target.with_name(target.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
