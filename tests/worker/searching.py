"""Looking for a word wherever it may have been written down: in files, in a database, in any of its writings."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql


def writings(marker: str) -> list[bytes]:
    """How a word may stand in a file: plain, in hexadecimal, in UTF-16, in base64 at any of three offsets."""
    plain = marker.encode()
    coded = [base64.b64encode(b"x" * n + plain)[-(-8 * n // 6) : 8 * (n + len(plain)) // 6] for n in range(3)]
    return [plain, plain.hex().encode(), marker.encode("utf-16-le"), *coded]


def holds(content: bytes, marker: str) -> bool:
    return any(writing in content for writing in writings(marker))


def whole_database(url: str) -> bytes:
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return b"".join(part.read_bytes() for part in file.parent.glob(file.name + "*"))
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return b"".join(dump(connection, table) for (table,) in tables)


def dump(connection: psycopg.Connection[Any], table: str) -> bytes:
    copied = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        return b"".join(bytes(part) for part in copy)


def read(message: Any) -> bytes:
    """As it travelled, and as it is read."""
    bodies = [part.get_content() for part in message.walk() if not part.is_multipart()]
    return bytes(message) + "\n".join(bodies).encode()
