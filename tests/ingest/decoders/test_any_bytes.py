"""Any bytes under any topic end as readings, statuses or rejects; nothing is raised and nothing goes unmentioned."""

from __future__ import annotations

import json
from typing import Any

import cbor2
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facility_monitor.ingest.decoders import Decoder
from tests.ingest.decoders import edge
from tests.ingest.decoders.promise import TOPICS, keep

Strategy = st.SearchStrategy[Any]

NUMBERS: Strategy = (
    st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from([10**400, -(10**30), 1e308, -0.0, 2**63, 2**53 + 1, 2**28, 1_772_438_400_000, 1_772_438_400.25])
)
WORDS: Strategy = st.text(max_size=6) | st.sampled_from(["ON", "Cel", "%RH", "MPa", "online", "\0", "2026-03-02T08:00"])
SCALARS: Strategy = st.none() | st.booleans() | NUMBERS | WORDS


def documents(names: list[str]) -> Strategy:
    """Documents that often have these members, and often something else under them."""
    members = st.sampled_from(names) | st.text(max_size=4)
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(members, inner, max_size=5),
        max_leaves=12,
    )


HOUSE = ["ts", "seq", "values", "value", "unit", "humidity", "state", "device"]
SENML = ["bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut", "x_"]
MAPPED = ["a", "b", "u", "t", "n", "id", "rows", "data", "params", "src", "ts", "Time", "temperature", "state"]


def text(document: object) -> bytes:
    """JSON as a careless device writes it: NaN, Infinity, lone surrogates and numbers without end included."""
    return json.dumps(document).encode("utf-8", "surrogatepass")


@settings(max_examples=300)
@given(st.sampled_from(TOPICS) | st.text(max_size=40), st.binary(max_size=200))
def test_arbitrary_bytes(topic: str, payload: bytes) -> None:
    keep(Decoder(), topic, payload)


@pytest.mark.parametrize("names", [HOUSE, SENML, MAPPED], ids=["house", "senml", "mapped"])
def test_documents_that_are_nearly_right(names: list[str]) -> None:
    @settings(max_examples=300)
    @given(st.sampled_from(TOPICS), documents(names))
    def hold(topic: str, document: object) -> None:
        keep(Decoder(), topic, text(document))

    hold()


RECORDS: Strategy = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(SENML, SCALARS)
    | {"v": NUMBERS | SCALARS, "n": st.sampled_from(["a", "b/c", "urn:dev:x:y"]) | SCALARS, "bt": NUMBERS},
)
LABELS = dict(zip(SENML, (-2, -3, -4, -5, -6, -1, 0, 1, 2, 3, 4, 8, 5, 6, 7, "x_"), strict=True))


@settings(max_examples=400)
@given(st.sampled_from(TOPICS[:4]), st.lists(RECORDS, max_size=5))
def test_packs_that_are_nearly_right(topic: str, pack: list[dict[str, Any]]) -> None:
    keep(Decoder(), topic, text(pack))
    keep(Decoder(), topic, cbor2.dumps([{LABELS[name]: value for name, value in each.items()} for each in pack]))


@settings(max_examples=300)
@given(st.lists(RECORDS, min_size=1, max_size=3), st.data())
def test_cbor_with_a_few_bytes_changed(pack: list[dict[str, Any]], data: st.DataObject) -> None:
    payload = bytearray(cbor2.dumps([{LABELS[name]: value for name, value in each.items()} for each in pack]))
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    keep(Decoder(), TOPICS[0], bytes(payload))
    keep(Decoder(), TOPICS[1], bytes(payload))


WHOLE: Strategy = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2, 255, 256, 1_772_438_400_000])
METRICS: Strategy = st.builds(
    edge.metric,
    st.none() | st.sampled_from(["a", "b", "bdSeq", "Node Control/Rebirth", ""]) | st.text(max_size=4),
    st.none() | st.integers(-(2**63), 2**63) | st.text(max_size=4),
    st.sampled_from([edge.INT8, edge.INT16, edge.INT32, edge.INT64, edge.UINT8, edge.UINT64, edge.BOOLEAN]),
    alias=st.none() | st.integers(0, 3) | WHOLE,
    at=st.none() | WHOLE,
    historical=st.booleans(),
    null=st.booleans(),
    told=st.booleans(),
    properties=st.none()
    | st.dictionaries(st.sampled_from(["engUnit", "Quality", "x"]), st.text(max_size=4) | WHOLE, max_size=3),
) | st.builds(edge.metric, st.sampled_from(["a", "b"]), st.floats(), alias=st.integers(0, 3))
MESSAGES: Strategy = st.tuples(
    st.sampled_from([topic for topic in TOPICS if topic.startswith("spBv1.0")]),
    st.lists(METRICS, max_size=4),
    st.none() | WHOLE,
    st.none() | st.integers(0, 5) | WHOLE,
    st.none() | st.tuples(st.integers(0, 500), st.integers(0, 255)),
)


@settings(max_examples=300)
@given(st.lists(MESSAGES, max_size=8))
def test_conversations_that_are_nearly_right(messages: list[tuple[str, list[bytes], Any, Any, Any]]) -> None:
    decoder = Decoder()
    for topic, metrics, at, seq, change in messages:
        payload = bytearray(edge.payload(*metrics, at=at, seq=seq))
        if change is not None and payload:
            payload[change[0] % len(payload)] = change[1]
        keep(decoder, topic, bytes(payload))


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\0",
        b" ",
        b"[" * 100_000,
        b"{" * 100_000,
        b'{"values":' * 5000,
        b"[" * 1000 + b"]" * 1000,
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b"9" * 100_000,
        b'{"values":{"a":' + b"1" * 400 + b"}}",
        b'{"values":{"a":1e400,"b":-1e400}}',
        b'{"values":{"\\ud800":1}}',
        b'{"values":{"\\u0000":1},"ts":"\\u0000"}',
        b'{"values":{"a":1},"values":{"a":2}}',
        b'{"a":1,"a":NaN}',
        b"\xef\xbb\xbf{}",
        b"\xff" * 1000,
        b"\x81" * 100_000,
        b"\x9f" * 1000,
        b"\x9b" + b"\xff" * 8,
        b"\xc4\x82\x1b" + b"\x7f" * 9,
        b"\x81\xa1\x02\xc4\x82\x1a\x7f\xff\xff\xff\x01",
        b"\x81\xa1\x02\xd8\x23\x78\xff" + b"(" * 255,
        b"\x12\xff\xff\xff\xff\x0f" + b"\x12\x00" * 1000,
        b"\x12\x02\x12\x00" * 20_000,
    ],
    ids=lambda payload: payload[:12].hex(),
)
def test_the_usual_suspects(topic: str, payload: bytes) -> None:
    keep(Decoder(), topic, payload)


def test_a_large_message_costs_time_in_proportion() -> None:
    values = orjson.dumps({"values": {f"k{n}": "x" for n in range(10_000)}})
    keep(Decoder(), TOPICS[0], values)
    pack = cbor2.dumps([{0: f"n{n}", 2: "x"} for n in range(10_000)])
    keep(Decoder(), TOPICS[1], pack)
    birth = edge.payload(*(edge.metric(f"m{n}", "x", edge.STRING) for n in range(10_000)))
    keep(Decoder(), TOPICS[8], birth)
