"""Sheets as A4 pages, in Chinese and English; each page says of what it is, and which.

Chinese is set in Noto Sans SC, of which each file holds what it needs: it reads the same on every machine, and in
twenty years. English is set in Helvetica, which every reader of PDF files has.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import tzinfo
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import segno
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    LongTable,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)

from facility_monitor.domain.text import Text, said
from facility_monitor.sheets.sheet import Footer, Sheet, legible, shown

MEDIA_TYPE = "application/pdf"
FONT = Path(__file__).parents[1] / "web" / "dist" / "print" / "NotoSansSC-Regular.ttf"
"""Comes with the build of the web app."""
_HAN = re.compile(r"[^\x00-\u024f\u2010-\u2027]+")
_MARGIN, _FOOT = 14 * mm, 22 * mm
_LONGEST = 5000
"""Characters of a cell."""
_PAGE_OF = {"zh-CN": "第 {} 页，共 {} 页", "en": "Page {} of {}"}
_TO_SIGN = {"zh-CN": "审核签字：________________", "en": "Reviewed by: ________________"}


@cache
def chinese() -> str:
    """The name under which Chinese is set. From a tree in which nothing was built it is a font that the reader of the
    file has to bring along."""
    font = TTFont("Noto Sans SC", FONT) if FONT.exists() else UnicodeCIDFont("STSong-Light")
    pdfmetrics.registerFont(font)
    name: str = font.fontName
    return name


def _typeface(locale: str, *, bold: bool = False) -> str:
    if locale == "zh-CN":
        return chinese()
    return "Helvetica-Bold" if bold else "Helvetica"


def document(
    sheets: Sequence[Sheet],
    locale: str,
    zone: tzinfo,
    footer: Footer | Sequence[Footer],
    *,
    wide: bool = False,
    title: Text | None = None,
) -> bytes:
    """``sheets``, each from a new page on, in the language of ``locale``; times are those of ``zone``. ``footer`` is
    that of all pages, or one for each sheet; ``wide`` lays the pages on their long side; ``title`` is the file's."""
    size = landscape(A4) if wide else A4
    footers = [footer] * len(sheets) if isinstance(footer, Footer) else footer
    story: list[Flowable] = []
    for number, (sheet, own) in enumerate(zip(sheets, footers, strict=True)):
        story += [PageBreak()] if number else []
        story += [_From(own), *_flow(sheet, locale, zone, size)]
    return assemble(story, locale, footers[0], size, said(title or sheets[0].title, locale))


class _From(Flowable):
    """From here on the pages have this footer."""

    def __init__(self, footer: Footer) -> None:
        super().__init__()
        self._footer = footer

    def wrap(self, *_: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        self.canv.footer = self._footer  # type: ignore[attr-defined]


def assemble(story: list[Flowable], locale: str, footer: Footer, size: tuple[float, float], title: str) -> bytes:
    """Pages of any flowables with this footer, for sheets that are more than a table."""
    made = io.BytesIO()
    frame = Frame(_MARGIN, _FOOT, size[0] - 2 * _MARGIN, size[1] - _FOOT - _MARGIN, 0, 0, 0, 0)
    template = BaseDocTemplate(made, pagesize=size, title=legible(title), author="facility_monitor", lang=locale)
    template.addPageTemplates(PageTemplate(frames=[frame]))
    template.build(story, canvasmaker=_numbered(locale, footer))
    return made.getvalue()


def paragraph(words: str, locale: str, points: float = 9, *, bold: bool = False) -> Paragraph:
    """Words that may be in either script, whatever the language of the sheet; nothing in them is markup."""
    # A line of Chinese may break between any two letters, one of English only between words.
    style = ParagraphStyle(
        "words",
        fontName=_typeface(locale, bold=bold),
        fontSize=points,
        leading=points * 1.35,
        alignment=TA_LEFT,
        wordWrap="CJK" if locale == "zh-CN" else None,
        splitLongWords=True,
    )
    safe = escape(legible(words), quote=False).replace("\n", "<br/>")
    if locale != "zh-CN":
        safe = _HAN.sub(lambda found: f'<font name="{chinese()}">{found[0]}</font>', safe)
    return Paragraph(safe, style)


def qr_code(address: str, side: float) -> Drawing:
    """``address`` as a QR code of ``side`` points."""
    code = segno.make(address, error="m", micro=False)
    width = code.symbol_size(border=2)[0]
    step = side / width
    drawing = Drawing(side, side)
    for y, row in enumerate(code.matrix_iter(border=2)):
        for x, dark in enumerate(row):
            if dark:
                cell = Rect(x * step, side - (y + 1) * step, step * 1.02, step * 1.02)
                cell.fillColor, cell.strokeColor = colors.black, None
                drawing.add(cell)
    return drawing


def _flow(sheet: Sheet, locale: str, zone: tzinfo, size: tuple[float, float]) -> list[Flowable]:
    facts = [paragraph(f"{said(name, locale)}: {shown(value, locale, zone)}", locale) for name, value in sheet.facts]
    head: list[Flowable] = [paragraph(said(sheet.title, locale), locale, 15, bold=True), Spacer(1, 2 * mm), *facts]
    table = [Spacer(1, 4 * mm), _table(sheet, locale, zone, size)]
    notes = [paragraph(said(note, locale), locale, 8) for note in sheet.notes]
    return [KeepTogether(head), *table, Spacer(1, 3 * mm), *notes]


def _whole_rows(page: float) -> type[LongTable]:
    """A table that breaks between rows; only a row that is higher than a ``page`` goes on on the next."""

    class WholeRows(LongTable):
        def split(self, width: float, height: float) -> list[Flowable]:
            self.splitInRow = int(height > 0.99 * page)
            return super().split(width, height)

    return WholeRows


def _table(sheet: Sheet, locale: str, zone: tzinfo, size: tuple[float, float]) -> LongTable:
    width, height = size[0] - 2 * _MARGIN, size[1] - _FOOT - _MARGIN
    share = width / sum(column.width for column in sheet.columns)
    rows = [[paragraph(said(column.title, locale), locale, 8, bold=True) for column in sheet.columns]]
    for cells in sheet.rows:
        words = (shown(cell, locale, zone, column.decimals) for column, cell in zip(sheet.columns, cells, strict=True))
        rows.append([paragraph(_cut(each), locale, 8) for each in words])
    style: list[Any] = [
        ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#E7E9EC")),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#B4B9C0")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    widths = [column.width * share for column in sheet.columns]
    return _whole_rows(height)(rows, colWidths=widths, repeatRows=1, style=TableStyle(style))


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _numbered(locale: str, footer: Footer) -> type[Canvas]:
    """A canvas that draws its footers in the end, when it knows how many pages there are."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self.footer = footer
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            pages = self._pages
            for number, page in enumerate(pages, 1):
                self.__dict__.update(page)
                _foot(self, locale, self.footer, number, len(pages))
                super().showPage()
            super().save()

    return Numbered


def _foot(canvas: Canvas, locale: str, footer: Footer, number: int, count: int) -> None:
    width: float = canvas._pagesize[0]  # type: ignore[attr-defined]
    left = _MARGIN
    canvas.setStrokeColor(colors.HexColor("#B4B9C0"))
    canvas.line(_MARGIN, _FOOT - 2 * mm, width - _MARGIN, _FOOT - 2 * mm)
    if footer.address is not None:
        side = 17 * mm
        qr_code(footer.address, side).drawOn(canvas, left, 3 * mm)
        left += side + 2 * mm
    canvas.setFont(_typeface(locale), 7.5)
    canvas.drawRightString(width - _MARGIN, _FOOT - 5.5 * mm, _PAGE_OF[locale].format(number, count))
    if footer.to_sign:
        canvas.drawRightString(width - _MARGIN, 6 * mm, _TO_SIGN[locale])
    right = (52 if footer.to_sign else 34) * mm
    y = _FOOT - 3 * mm
    for line in footer.lines:
        words = paragraph(line, locale, 7)
        _, height = words.wrap(width - _MARGIN - right - left, 20 * mm)
        y -= height
        words.drawOn(canvas, left, y)
