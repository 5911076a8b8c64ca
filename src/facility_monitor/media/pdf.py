"""``python -m facility_monitor.media.pdf`` opens the PDF on its standard input and says why it is refused, or nothing.

A program of its own, started for each file: it limits its own memory and time first, and reads nothing else.
"""

from __future__ import annotations

import io
import logging
import re
import resource
import sys
import zlib
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

MEMORY_BYTES = 1 << 30
CPU_S = 30
MOST_OBJECTS = 200_000
MOST_PAGES = 2_000
MOST_IN_STREAM = 256_000_000
"""Bytes of one stream when it is unpacked: a page scanned at 600 dpi in colour has 100 MB."""
MOST_UNPACKED = 1_000_000_000
"""Bytes of all streams together."""
_BLOCK = 1 << 16

_ACTIONS = {
    "/JavaScript": "JavaScript",
    "/Launch": "an action that starts a program",
    "/SubmitForm": "a form that is sent somewhere",
    "/ImportData": "a form that reads other files",
    "/GoToE": "an embedded file",
    "/GoToR": "a way into other files",
    "/Rendition": "a film or a sound",
    "/Movie": "a film or a sound",
    "/Sound": "a film or a sound",
    "/RichMediaExecute": "a film or a program",
}
"""Actions by their name (ISO 32000-2, 12.6.4) that a document of paper has no need of."""
_KEYS = {
    "/JS": "JavaScript",
    "/JavaScript": "JavaScript",
    "/EF": "an embedded file",
    "/EmbeddedFiles": "an embedded file",
    "/Collection": "embedded files",
    "/XFA": "a form of its own program (XFA)",
    "/RichMediaContent": "a film or a program",
}
_KINDS = {
    "/EmbeddedFile": "an embedded file",
    "/FileAttachment": "an embedded file",
    "/RichMedia": "a film or a program",
    "/Screen": "a film or a sound",
    "/3D": "a model with a program of its own",
}
_HIDDEN = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia)\b")
"""In objects that nothing refers to any more, such as an older revision's: another reader may find its way to them."""
_HARMLESS = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)


class Refused(Exception):
    """Why a PDF is not taken: follows on "the file"."""


def inspect(content: bytes) -> None:
    """Open a PDF to its last object. Raises Refused."""
    if not content.rstrip(b"\0\t\n\f\r ").endswith(b"%%EOF"):
        raise Refused("has other data after its end, or not all of it has come")
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise Refused("is encrypted")
    unpacked = 0
    for number, each in enumerate(_objects(reader.trailer)):
        if number >= MOST_OBJECTS:
            raise Refused(f"has more than {MOST_OBJECTS} objects")
        _passive(each)
        if isinstance(each, StreamObject):
            unpacked += _unpacked(each)
            if unpacked > MOST_UNPACKED:
                raise Refused(f"unpacks to more than {MOST_UNPACKED} bytes")
    if found := _HIDDEN.search(content):
        raise Refused(f"contains {_ACTIONS.get(found[0].decode(), 'an embedded file')}")
    pages = len(reader.pages)
    if not 0 < pages <= MOST_PAGES:
        raise Refused(f"has {pages} pages, of 1 to {MOST_PAGES}")
    for page in reader.pages:
        page.get_contents()
        if not (page.mediabox.width > 0 and page.mediabox.height > 0):
            raise Refused("has a page without a size")


def _objects(root: Any) -> Iterator[DictionaryObject]:
    """Every dictionary and stream that can be reached, once."""
    seen: set[tuple[int, int]] = set()
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, IndirectObject):
            if (key := (each.idnum, each.generation)) in seen:
                continue
            seen.add(key)
            each = each.get_object()
        if isinstance(each, DictionaryObject):
            yield each
            waiting.extend(each.raw_get(key) for key in each)
        elif isinstance(each, ArrayObject):
            waiting.extend(list.__iter__(each))


def _passive(each: DictionaryObject) -> None:
    """Raises Refused for what acts, or brings other files along."""
    for key, what in _KEYS.items():
        if key in each:
            raise Refused(f"contains {what}")
    named = (each.get("/S"), _ACTIONS), (each.get("/Type"), _KINDS), (each.get("/Subtype"), _KINDS)
    for value, refused in named:
        if isinstance(value, str) and value in refused:
            raise Refused(f"contains {refused[value]}")
    address = each.get("/URI")
    if isinstance(address, bytes | str):
        shown = address.decode("latin-1") if isinstance(address, bytes) else address
        if not _HARMLESS.match(shown.strip()):
            raise Refused("contains a link that is no web address")


def _unpacked(stream: StreamObject) -> int:
    """How many bytes a stream has: unpacked where it is packed by Flate, which alone makes much of little; the pixels
    of JPEG, JBIG2 and fax pictures are not drawn. Raises Refused."""
    filters = stream.get("/Filter")
    first = filters[0] if isinstance(filters, ArrayObject) and filters else filters
    if first not in ("/FlateDecode", "/Fl"):
        return len(stream._data)
    unpacker, size, rest = zlib.decompressobj(), 0, stream._data
    while rest and not unpacker.eof:
        size += len(unpacker.decompress(rest, _BLOCK))
        rest = unpacker.unconsumed_tail
        if size > MOST_IN_STREAM:
            raise Refused(f"unpacks to more than {MOST_IN_STREAM} bytes in one part")
    if not unpacker.eof:
        raise Refused("does not unpack to its end")
    return size


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()  # what it mends on the way
    try:
        inspect(sys.stdin.buffer.read())
    except Refused as refused:
        sys.stdout.write(str(refused))
    except (PyPdfError, zlib.error, ValueError, TypeError, LookupError, AttributeError, RecursionError, OSError):
        sys.stdout.write("does not open as a PDF")


if __name__ == "__main__":
    main()
