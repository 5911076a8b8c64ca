"""Documents get in as a whole, and only those that do nothing by themselves."""

from __future__ import annotations

import pytest

from facility_monitor.media import document
from facility_monitor.media.document import NoDocument
from tests.documents import BAD, LOG, a_pdf


def test_a_document_is_known_by_its_content() -> None:
    assert document.read(a_pdf()).media_type == "application/pdf"
    for table in (LOG, b"\xef\xbb\xbft;p\r\n1;-2,5\r\n", b"a\tb\n1\t2\n"):
        assert document.read(table).media_type == "text/csv"


@pytest.mark.parametrize("what", sorted(set(BAD) - {"nothing"}))
def test_what_acts_or_hides_or_swells_is_refused(what: str) -> None:
    with pytest.raises(NoDocument):
        document.read(BAD[what])


def test_it_is_said_why() -> None:
    for what, words in (("a script", "JavaScript"), ("encrypted", "encrypted"), ("a bomb", "unpacks to more than")):
        with pytest.raises(NoDocument, match=words):
            document.read(BAD[what])
    with pytest.raises(NoDocument, match="starts a program"):
        document.read(BAD["a program started"])
