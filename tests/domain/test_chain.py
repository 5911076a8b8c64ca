"""The chain: what is hashed is canonical JSON to the letter, and a walk names the first link that does not hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.domain.fire.chain import GENESIS, Broken, Head, Link, Span, Tree, Walk, digest, place_of, written

AT = written(datetime(2026, 3, 2, 8, 0, 0, 7, tzinfo=UTC))
WORDS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.none() | st.integers(1, 2**53 - 1)


@given(WORDS, WORDS | st.none(), NUMBERS, st.dictionaries(WORDS, st.floats(allow_nan=False, allow_infinity=False)))
def test_an_entry_is_written_as_rfc_8785_asks(
    kind: str, reason: str | None, number: int | None, body: dict[str, float]
) -> None:
    link = Link(7, 3, GENESIS, 12, kind, AT, AT, number, None, number, None, reason, rfc8785.dumps(body).decode())
    parsed = json.loads(link.canonical())
    assert rfc8785.dumps({**parsed, "body": body}) == link.canonical()
    assert place_of(parsed) == (7, 3, GENESIS, 12)
    assert parsed["at"] == "2026-03-02T08:00:00.000007Z"


def by_the_book(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, word by word."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\0" + leaves[0] if leaves else b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + by_the_book(leaves[:half]) + by_the_book(leaves[half:])).digest()


@pytest.mark.parametrize("count", [*range(20), 255, 256, 257])
def test_the_merkle_root_is_that_of_rfc_6962(count: int) -> None:
    leaves = [number.to_bytes(2) for number in range(count)]
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root() == by_the_book(leaves)


NOTHING = Head()


def a_chain(count: int, start: Head = NOTHING) -> list[tuple[Link, bytes]]:
    links = []
    for number in range(1, count + 1):
        link = Link(7, start.position + 1, start.hash, number, "k", AT, AT, None, None, None, None, None, "{}")
        start = Head(link.position, digest(link.canonical()))
        links.append((link, start.hash))
    return links


def walked(links: Sequence[tuple[Link, bytes]], spans: Sequence[Span] = (), start: Head = NOTHING) -> Broken | None:
    walk = Walk(7, start, spans)
    for link, kept in links:
        if broken := walk.take(link.position, link.prev, link.id, link.canonical(), kept):
            return broken
    return walk.end()


def span(links: Sequence[tuple[Link, bytes]], first: int, last: int) -> Span:
    tree = Tree()
    for _, each in links[first - 1 : last]:
        tree.add(each)
    return Span(1, first, last, links[last - 1][1], tree.root())


def test_a_whole_chain_holds_and_so_does_a_part_of_it() -> None:
    links = a_chain(9)
    spans = [span(links, 1, 4), Span(2, 5, 4, links[3][1], Tree().root()), span(links, 5, 8)]
    assert walked(links, spans) is None
    # of the first span this part has but the end
    assert walked(links[2:], spans, Head(2, links[1][1])) is None


def rewritten(links: Sequence[tuple[Link, bytes]], position: int) -> list[tuple[Link, bytes]]:
    """One entry altered, and everything after it chained anew by somebody who knows how."""
    before = links[position - 2][1] if position > 1 else GENESIS
    result = list(links[: position - 1])
    for link, _ in links[position - 1 :]:
        changed = link._replace(prev=before, kind="forged" if link.position == position else link.kind)
        before = digest(changed.canonical())
        result.append((changed, before))
    return result


LINKS = a_chain(9)


@pytest.mark.parametrize(
    ("links", "position", "what"),
    [
        ([*LINKS[:3], (LINKS[3][0]._replace(kind="x"), LINKS[3][1]), *LINKS[4:]], 4, "altered"),
        ([*LINKS[:3], *LINKS[4:]], 4, "missing"),
        (LINKS[2:], 1, "missing: after 0 comes 3 (1 to 2)"),
        ([*LINKS[:4], LINKS[3], *LINKS[4:]], 4, "again"),
        ([*LINKS[:2], LINKS[3], LINKS[2], *LINKS[4:]], 3, "missing"),
        (LINKS[:6], 7, "missing: checkpoint 1 has seen 8"),
        (rewritten(LINKS, 3), 8, "checkpoint 1"),
        ([*LINKS[:3], rewritten(LINKS, 4)[3], *LINKS[4:]], 5, "does not follow"),
    ],
)
def test_whatever_was_done_to_a_chain_is_named_where_it_was_done(
    links: Sequence[tuple[Link, bytes]], position: int, what: str
) -> None:
    broken = walked(links, [span(LINKS, 1, 8)])
    assert broken is not None
    assert (broken.site_id, broken.position) == (7, position)
    assert what in broken.what
