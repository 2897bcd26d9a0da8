"""Wrong input made from sound input: one change, or a few, to the bytes of a file."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from configurations import wrong_configuration

type Rng = np.random.Generator

NASTY = (
    "", " ", "NA", "nan", "NaN", "inf", "-inf", "1e308", "-1e308", "1e400", "1e15", "1e9", "0",
    "-0", "-1", "1.5", "1,5", "1.234,5", "1_000", "0x10", "9" * 400, "9" * 5000, "2147483648",
    "9223372036854775808", "1e-320", "²", "٣", "TRUE", "=1+1", '"', "'", "\x00", "\x0b", "\u2028",
    "\u200b", "😀", "\ufeff", "a\nb", "a\r\nb", "a,b", ";;;", "\\", "/", "#", "NONE", "u1", "%s",
    "{}", "../../etc/passwd", "A" * 200_000, "1" + " " * 100_000 + "x", "T" * 100_000 + "x",
    "2024-05-01 10:00" + " " * 100_000 + "x", "2024-05-01 10:00" + "0" * 50_000,
    ":" * 50_000, "-" * 50_000, "." * 50_000 + "1", "?" * 50_000 + "!", "unid " * 20_000,
    "0001-01-01", "0000-00-00", "9999-12-31", "9999-12-31 23:59", "1000-01-01", "2204-05-02",
    "1924-05-02", "1970-01-01 00:00", "2262-04-12", "1677-09-20", "2024-02-30", "2024-13-01",
    "02/05/2024", "13/05/2024", "05/13/2024", "2 May 2024", "20240502", "45414", "45414.75",
    "99999", "2024-05-01T24:00:00Z", "2024-05-01T25:00", "2024-05-01 10:00:00+99:99",
    "2024-05-01T10:00:00-00:00", "2024-05-01 10:00:00.123456789", "10:61", "2024-05-01 13:00 PM",
    "۲۰۲۴-۰۵-۰۱", "2024.05.01", "Unidentified", "K01 ", "k01", "Ａｄａ", "180", "-180", "90.0001",
    "131.2", "43,1", "EPSG:4326", "M;F",
)  # fmt: skip
"""Cells that have broken one reader of tables or another."""


def _bytes(content: bytes) -> bytearray:
    return bytearray(content or b"\n")


def flip(content: bytes, rng: Rng) -> bytes:
    """Some bytes changed."""
    raw = _bytes(content)
    for place in rng.integers(0, len(raw), int(rng.integers(1, 9))):
        raw[place] = int(rng.integers(0, 256))
    return bytes(raw)


def flip_head(content: bytes, rng: Rng) -> bytes:
    """Bytes changed where headers stand."""
    raw = _bytes(content)
    for place in rng.integers(0, min(len(raw), 400), int(rng.integers(1, 5))):
        raw[place] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF, int(rng.integers(0, 256))]))
    return bytes(raw)


def cut(content: bytes, rng: Rng) -> bytes:
    """The end, or the start, is lost."""
    place = int(rng.integers(0, len(content) + 1))
    return content[:place] if rng.random() < 0.8 else content[place:]


def middle_lost(content: bytes, rng: Rng) -> bytes:
    """A piece is lost, or stands twice."""
    first, last = np.sort(rng.integers(0, len(content) + 1, 2))
    piece = content[first:last]
    return content[:first] + (piece * 2 if rng.random() < 0.4 else b"") + content[last:]


def inserted(content: bytes, rng: Rng) -> bytes:
    """Foreign bytes in between."""
    piece = [b"\x00" * 5000, b"\xff\xfe", b'"', b"'", b"\r", b"\n\n\n", b"\xef\xbb\xbf", b"\xe9",
             b"\x1a", b",,,,", b"\t", b";" * 300, b"\x85", b"\x1c", b"\xed\xa0\x80"]  # fmt: skip
    place = int(rng.integers(0, len(content) + 1))
    return content[:place] + piece[int(rng.integers(len(piece)))] + content[place:]


def emptied(content: bytes, rng: Rng) -> bytes:
    """Nothing, or next to nothing."""
    first = content.split(b"\n", 1)[0]
    return [b"", b"\n", b" \n \n", b"\xef\xbb\xbf", first, first + b"\n", b"\x00", b","][
        int(rng.integers(8))
    ]


def recoded(content: bytes, rng: Rng) -> bytes:
    """Another encoding, with a mark or without."""
    text = content.decode("utf-8", errors="replace").replace("a", "é", 2)
    coding = ["utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1251", "utf-8-sig", "utf-32",
              "shift_jis", "utf-7"][int(rng.integers(9))]  # fmt: skip
    return text.encode(coding, errors="replace")


def line_ends(content: bytes, rng: Rng) -> bytes:
    """Lines that end in another way."""
    ends = [b"\r\n", b"\r", b"\n\n", b"\x0b", b"\x85", b"\xe2\x80\xa8", b"\n\r", b""]
    return content.replace(b"\n", ends[int(rng.integers(8))])


def _cells(content: bytes) -> tuple[list[list[str]], str]:
    text = content.decode("utf-8", errors="replace")
    lines = [line for line in text.split("\n") if line]
    mark = max(",;\t ", key=lambda m: sum(line.count(m) for line in lines[:5]))
    return [line.split(mark) for line in lines], mark


def _joined(rows: list[list[str]], mark: str) -> bytes:
    return "\n".join(mark.join(row) for row in rows).encode("utf-8", errors="replace") + b"\n"


def _some(rng: Rng, n: int) -> int:
    return int(rng.integers(n)) if n else 0


def quoted(value: str, mark: str) -> str:
    """A cell as a program that knows CSV would write it."""
    return '"' + value.replace('"', '""') + '"' if mark in value or "\n" in value else value


def cell(content: bytes, rng: Rng) -> bytes:
    """One cell, or a column of them, holds something nasty."""
    rows, mark = _cells(content)
    if len(rows) < 2:
        return content
    value = NASTY[_some(rng, len(NASTY))]
    value = quoted(value, mark) if rng.random() < 0.7 else value
    column = _some(rng, len(rows[0]))
    whole = rng.random() < 0.25
    first = 0 if rng.random() < 0.1 else 1
    chosen = range(first, len(rows)) if whole else [first + _some(rng, len(rows) - first)]
    for row in list(chosen)[: 20 if len(value) > 1000 else None]:
        if column < len(rows[row]):
            rows[row][column] = value
    return _joined(rows, mark)


def rows_moved(content: bytes, rng: Rng) -> bytes:
    """Rows shuffled, doubled, lost, or many times there."""
    rows, mark = _cells(content)
    if len(rows) < 2:
        return content
    head, body = rows[:1], rows[1:]
    how = _some(rng, 6)
    if how == 0:
        body = [body[i] for i in rng.permutation(len(body))]
    elif how == 1:
        body += [body[_some(rng, len(body))] for _ in range(3)]
    elif how == 2:
        body = body[: _some(rng, len(body))]
    elif how == 3:
        body = body * max(1, 3000 // len(body))
    elif how == 4:
        head = []
    else:
        head = head * 2
    return _joined(head + body, mark)


def columns_moved(content: bytes, rng: Rng) -> bytes:
    """Columns shuffled, doubled, lost, or many of them."""
    rows, mark = _cells(content)
    width = len(rows[0]) if rows else 0
    if not width:
        return content
    how, column = _some(rng, 6), _some(rng, width)
    if how == 0:
        order = rng.permutation(width)
        rows = [[row[i] for i in order if i < len(row)] for row in rows]
    elif how == 1:
        rows = [[*row, row[column] if column < len(row) else ""] for row in rows]
    elif how == 2:
        rows = [row[:column] + row[column + 1 :] for row in rows]
    elif how == 3:
        rows = [[*row, *(["1"] * 1500)] for row in rows]
    elif how == 4:
        rows[0][column] = NASTY[_some(rng, len(NASTY))].replace("\n", " ")
    else:
        row = _some(rng, len(rows))
        rows[row] = rows[row][:column] if rng.random() < 0.5 else [*rows[row], "x", "y"]
    return _joined(rows, mark)


def delimited(content: bytes, rng: Rng) -> bytes:
    """Other marks between cells, or a comma for the point."""
    rows, mark = _cells(content)
    other = [";", "\t", "|", " ", ",", ":"][_some(rng, 6)]
    if rng.random() < 0.4:
        rows = [[re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", c) for c in row] for row in rows]
    return _joined(rows, mark if rng.random() < 0.2 else other)


def number(content: bytes, rng: Rng) -> bytes:
    """A number anywhere in a text becomes a nasty one."""
    text = content.decode("utf-8", errors="replace")
    found = list(re.finditer(r"-?\d+(?:\.\d+)?", text))
    if not found:
        return content
    nasty = ["0", "-1", "1e308", "-1e308", "1e400", "NaN", "Infinity", "null", '"x"', "1e-320",
             "9" * 30, "4294967296", "1048576", "16384", "[]", "{}", "1e15"]  # fmt: skip
    for _ in range(int(rng.integers(1, 4))):
        spot = found[_some(rng, len(found))]
        text = text[: spot.start()] + nasty[_some(rng, len(nasty))] + text[spot.end() :]
        found = list(re.finditer(r"-?\d+(?:\.\d+)?", text)) or found
    return text.encode("utf-8", errors="replace")


def word(content: bytes, rng: Rng) -> bytes:
    """A word or a quoted text becomes something nasty."""
    text = content.decode("utf-8", errors="replace")
    found = list(re.finditer(r'"[^"\n]*"|[A-Za-z_]+', text))
    if not found:
        return content
    spot = found[_some(rng, len(found))]
    value = NASTY[_some(rng, len(NASTY))]
    value = f'"{value}"' if spot.group().startswith('"') and rng.random() < 0.7 else value
    return (text[: spot.start()] + value + text[spot.end() :]).encode("utf-8", errors="replace")


def tree(content: bytes, rng: Rng) -> bytes:
    """A branch of a JSON document is lost, replaced, or nested deeply."""
    try:
        document: Any = json.loads(content)
    except (ValueError, RecursionError):
        return content
    branches: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            branches.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    if isinstance(document, dict | list):
        walk(document)
    if branches:
        node, key = branches[_some(rng, len(branches))]
        values: list[Any] = [None, [], {}, 0, -1, True, "", "x", [[]], [None], {"a": 1}, 1e308,
                             float("nan"), float("inf"), NASTY[_some(rng, len(NASTY))]]  # fmt: skip
        node[key] = values[_some(rng, len(values))]
    if rng.random() < 0.1:
        return b"[" * 100_000 + b"]" * 100_000
    return json.dumps(document).encode()


def entities(content: bytes, rng: Rng) -> bytes:
    """An XML document with entities of entities, or deep nesting."""
    if rng.random() < 0.5:
        return content.replace(b"<name>", b"<name>" + b"<a>" * 20_000, 1)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + k, b"&%c;" % (97 + k) * 10) for k in range(9)
    )
    for root in (b"<gpx", b"<kml"):
        content = content.replace(root, bomb + b"]>" + root, 1)
    return content.replace(b"<name>", b"<name>&j;", 1)


_NO_ZIP = (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, ValueError,
           OSError, EOFError, IndexError)  # fmt: skip

BINARY: tuple[Callable[[bytes, Rng], bytes], ...] = (
    flip, flip, flip_head, flip_head, cut, middle_lost, inserted, emptied,
)  # fmt: skip
TEXT = (flip, cut, middle_lost, inserted, emptied, recoded, line_ends, number, word)
TABLE = (*TEXT, cell, cell, cell, cell, cell, cell, rows_moved, rows_moved, columns_moved,
         columns_moved, delimited, number)  # fmt: skip
JSON = (*TEXT, tree, tree, tree, number, number)
XML = (*TEXT, entities, number, number, word)


def _kinds(name: str) -> tuple[Callable[[bytes, Rng], bytes], ...]:
    ending = name.rsplit(".", 1)[-1].lower()
    if ending in ("csv", "txt"):
        return TABLE
    if ending in ("json", "geojson"):
        return JSON
    if ending in ("gpx", "kml", "xml", "rels"):
        return XML
    return TEXT if ending == "toml" else BINARY


def in_zip(content: bytes, rng: Rng) -> bytes:
    """A zip file of which one member is changed, doubled or a zip file itself."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    place = _some(rng, len(members))
    name, inside = members[place]
    how = _some(rng, 8)
    if how == 0:
        members.pop(place)
    elif how == 1:
        members[place] = (name, content)
    elif how == 2:
        members[place] = (f"inner/../{name}", inside)
    elif how == 3:
        members = [("inside.zip", content)]
    else:
        members[place] = (name, mutated(name, inside, rng))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members:
            archive.writestr(member, data)
    return target.getvalue()


def mutated(name: str, content: bytes, rng: Rng) -> bytes:
    """A file with one to three faults.

    Parameters
    ----------
    name
        File name; its ending tells which faults make sense.
    content
        Its bytes.
    rng
        Generator.
    """
    if name.endswith(".toml") and rng.random() < 0.8:
        return wrong_configuration(content, rng, plan=name == "plan.toml")
    kinds = _kinds(name)
    if kinds is TABLE and rng.random() < 0.5:
        kinds = (cell,)
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        if name.endswith((".zip", ".xlsx", ".kmz")) and rng.random() < 0.8:
            try:
                content = in_zip(content, rng)
            except _NO_ZIP:
                content = flip(content, rng)
            continue
        content = kinds[_some(rng, len(kinds))](content, rng)
    return content
