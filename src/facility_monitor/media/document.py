"""Documents as they come from outside: PDF, and tables of text (CSV) such as measuring instruments write.

What a document has no need of is refused: encryption, scripts and other actions, embedded files, formulas, and whatever
makes a file something else at once (an archive, a page, a program).
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import threading
from collections import Counter
from typing import NamedTuple

from facility_monitor.media import container

PDF, CSV = "application/pdf", "text/csv"
ENDINGS = {PDF: "pdf", CSV: "csv"}
PATIENCE_S = 60
"""For a PDF to be opened, on a machine that is busy; the reader's own limits are in ``pdf``."""

_FORMULA = re.compile(r"\s*(?:[=@]|[+-].*[(|!])", re.DOTALL)
"""What a spreadsheet would compute or run (OWASP, CSV injection); a signed number is none."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_one_at_a_time = threading.Semaphore(1)


class NoDocument(ValueError):
    """The bytes are no document that is taken. The message says why, and follows on "the file"."""


class Document(NamedTuple):
    """A document that opens as a whole."""

    media_type: str


def read(content: bytes) -> Document:
    """The document that ``content`` is: PDF or CSV, and nothing else besides. Raises NoDocument."""
    if found := container.something_else(content):
        raise NoDocument(found)
    if content.startswith(b"%PDF-"):
        _open_pdf(content)
        return Document(PDF)
    _read_table(content)
    return Document(CSV)


def _open_pdf(content: bytes) -> None:
    """In a process of its own, whose memory and time are limited: a parser that hangs or swells takes nobody along."""
    reader = [sys.executable, "-m", "facility_monitor.media.pdf"]
    try:
        with _one_at_a_time:
            opened = subprocess.run(reader, input=content, capture_output=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        raise NoDocument("takes too long to open") from None
    if opened.returncode != 0:
        raise NoDocument("does not open as a PDF, or needs too much memory or time to open")
    if opened.stdout:
        raise NoDocument(opened.stdout.decode())


def _read_table(content: bytes) -> None:
    try:
        words = _text(content)
        rows = [row for row in csv.reader(io.StringIO(words), delimiter=_delimiter(words)) if row]
    except csv.Error:
        raise NoDocument("is no table: a field is too long") from None
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths or widths.most_common(1)[0][1] < 2:
        raise NoDocument("is neither a PDF nor a table of text (CSV)")
    formula = next((cell for row in rows for cell in row if _FORMULA.match(cell)), None)
    if formula is not None:
        raise NoDocument(f"contains a formula: {formula.strip()[:40]!r}")


def _text(content: bytes) -> str:
    """As UTF-8, or GB 18030 as Chinese instruments write. Raises NoDocument."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            words = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if words.lstrip().startswith("<") or _CONTROL.search(words):
            break
        return words
    raise NoDocument("is neither a PDF nor a table of text (CSV)")


def _delimiter(words: str) -> str:
    head = words[:10_000]
    return max(",;\t", key=head.count)
