"""Documents as people send them, and as nobody should get them in."""

from __future__ import annotations

import io
import zlib

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject
from reportlab.pdfgen.canvas import Canvas

from tests.pictures import archive

LOG = "时间,报警阈值(dB/m)\n2026-03-02 15:20,0.28\n2026-03-02 15:24,-0.31\n".encode("gb18030")


def a_pdf(words: str = "Certificate of calibration", link: str = "https://lab.example/c/4711") -> bytes:
    made = io.BytesIO()
    canvas = Canvas(made, invariant=True)
    canvas.drawString(100, 700, words)
    canvas.linkURL(link, (100, 650, 300, 670))
    canvas.save()
    return made.getvalue()


def _written(writer: PdfWriter) -> bytes:
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _copy() -> PdfWriter:
    return PdfWriter(clone_from=io.BytesIO(a_pdf()))


def acting(action: str) -> bytes:
    """A PDF that does something as soon as it is opened."""
    writer = _copy()
    act = {NameObject("/S"): NameObject(action), NameObject("/F"): TextStringObject("calc.exe")}
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(act))
    return _written(writer)


def with_script() -> bytes:
    """JavaScript at a form's field, whose names are written as a scanner of bytes would not find them."""
    writer = _copy()
    act = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): DictionaryObject(act)})
    return _written(writer).replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/J#53")


def with_embedded() -> bytes:
    writer = _copy()
    writer.add_attachment("a.exe", b"MZ")
    return _written(writer)


def encrypted() -> bytes:
    writer = _copy()
    writer.encrypt("", "owner", algorithm="AES-256")
    return _written(writer)


def bomb(size: int = 300_000_000) -> bytes:
    """A page of a few hundred kilobytes that unpacks to ``size`` bytes."""
    writer, packed = _copy(), StreamObject()
    packer = zlib.compressobj()
    packed.set_data(b"".join([*(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)), packer.flush()]))
    packed[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[0][NameObject("/Thumb")] = writer._add_object(packed)
    return _written(writer)


def hidden_script() -> bytes:
    """An object that nothing refers to, as an older revision leaves behind; all offsets hold."""
    whole = a_pdf()
    place = whole.index(b"ReportLab Generated")
    left_over = b"99 0 obj<</S/JavaScript>>endobj"
    return whole[:place] + left_over + whole[place + len(left_over) :]


BAD = {
    "cut off": a_pdf()[:-40],
    "no PDF inside": b"%PDF-1.7\n" + b"x" * 400 + b"\n%%EOF\n",
    "encrypted": encrypted(),
    "a script": with_script(),
    "a script left over": hidden_script(),
    "a program started": acting("/Launch"),
    "another file opened": acting("/GoToR"),
    "an embedded file": with_embedded(),
    "a link that runs": a_pdf(link="javascript:alert(1)"),
    "an archive too": a_pdf() + archive() + b"\n%%EOF",
    "a page before it": b"<html><script>alert(1)</script>" + a_pdf(),
    "a page inside": a_pdf().replace(b"\nxref", b"\n%<script>alert(1)</script>\nxref", 1),
    "a bomb": bomb(),
    "a formula": b"time,value\n1,=cmd|'/C calc'!A0\n2,3\n",
    "no table": b"only words\nand more words\n",
    "a program": b"MZ" + bytes(300),
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'>,a\n,b\n</svg>",
    "an archive": archive(),
    "nothing": b"",
}
"""By what is wrong with it."""
