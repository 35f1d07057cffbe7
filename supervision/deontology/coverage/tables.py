"""The list to take along, as CSV and as a workbook: written row by row, whatever its length."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import BytesIO, StringIO

import xlsxwriter

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: OWASP, « CSV Injection »."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_csv(rows: Iterable[Iterable[object]]) -> bytes:
    """UTF-8 with its mark and semicolons: what a French spreadsheet opens by a double click."""
    stream = StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(value) for value in row])
    return stream.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Iterable[object]], *, title: str) -> bytes:
    """One sheet of text cells; `constant_memory` lets go of each row once it is written."""
    stream = BytesIO()
    options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": title})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 9, 22)
        head = book.add_format({"bold": True})
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write_string(at, column, str(value), head if at == 0 else None)
    return stream.getvalue()
