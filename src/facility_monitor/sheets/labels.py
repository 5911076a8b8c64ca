"""Labels for equipment: a QR code, what it is and where, 24 to an A4 page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from facility_monitor.sheets.pdf import paragraph, qr_code

ACROSS, DOWN = 3, 8
_WIDTH, _HEIGHT = A4[0] / ACROSS, A4[1] / DOWN
_CODE = 27 * mm
_EDGE = 5 * mm


class Label(NamedTuple):
    """``address`` is what the QR code leads to."""

    code: str
    name: str
    place: str
    address: str


def labels(each: Sequence[Label], locale: str) -> bytes:
    """A PDF of labels, 70 by 37 mm, as they come on sheets of 24."""
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=A4)
    canvas.setTitle("QR")
    for number, label in enumerate(each):
        place = number % (ACROSS * DOWN)
        if number and not place:
            canvas.showPage()
        left, top = place % ACROSS * _WIDTH, A4[1] - place // ACROSS * _HEIGHT
        qr_code(label.address, _CODE).drawOn(canvas, left + _EDGE / 2, top - _HEIGHT + (_HEIGHT - _CODE) / 2)
        y = top - _EDGE
        for words, points, bold in ((label.code, 10, True), (label.name, 8, False), (label.place, 6.5, False)):
            lines = paragraph(words, locale, points, bold=bold)
            _, height = lines.wrap(_WIDTH - _CODE - _EDGE * 1.2, _HEIGHT)
            if y - height < top - _HEIGHT + 2 * mm:
                break
            y -= height
            lines.drawOn(canvas, left + _CODE + _EDGE * 0.7, y)
    canvas.save()
    return made.getvalue()
