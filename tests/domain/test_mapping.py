"""Mappings as people write them: what is wrong is named, and filters match as MQTT says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility_monitor.catalogue import read
from facility_monitor.domain.reading.mapping import Channel, mapping, matches
from facility_monitor.errors import InvalidInput
from facility_monitor.store import catalogue

FINE: dict[str, Any] = {"device": {"level": 1}, "values": {"x": {"path": "x"}}}


def test_a_whole_mapping() -> None:
    found = mapping(
        "foreign/+/#",
        {
            "payload": "text",
            "each": "rows",
            "device": {"path": "who.id"},
            "time": {"path": "t", "unit": "iso8601", "zone": "Asia/Shanghai", "optional": True},
            "sequence": {"path": "n"},
            "key": {"level": 2},
            "values": {
                "a": {"path": "$", "scale": 2, "offset": 1, "unit": "MPa", "words": {"ON": 1}},
                "b": {"path": "x.*.0", "unit": {"path": "u"}},
            },
        },
    )
    assert (found.text, found.each, found.device_path, found.device_level) == (True, ("rows",), ("who", "id"), None)
    assert (found.key_level, found.sequence_path, found.online) == (2, ("n",), None)
    assert found.time is not None
    assert (found.time.path, found.time.unit, str(found.time.zone), found.time.optional) == (
        ("t",),
        "iso8601",
        "Asia/Shanghai",
        True,
    )
    assert found.channels == {
        "a": Channel((), 2.0, 1.0, "MPa", None, {"ON": 1.0}),
        "b": Channel(("x", "*", "0"), unit_path=("u",)),
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"devices": {}}, "devices"),
        ({"payload": "xml"}, "payload"),
        ({"payload": ["json"]}, "payload"),
        ({"each": ""}, "each"),
        ({"each": "a..b"}, "each"),
        ({"device": None}, "device"),
        ({"device": {}}, "device"),
        ({"device": {"path": 5}}, "device.path"),
        ({"device": {"level": -1}}, "device"),
        ({"device": {"level": True}}, "device"),
        ({"device": {"path": "a", "level": 1}}, "device"),
        ({"key": {"path": "a"}}, "key"),
        ({"key": None}, "key"),
        ({"time": {}}, "time"),
        ({"time": {"path": "t"}}, "time"),
        ({"time": {"path": "t", "unit": "h"}}, "time"),
        ({"time": {"path": "t", "unit": ["s"]}}, "time"),
        ({"time": {"path": "t", "unit": "s", "zone": "UTC"}}, "time"),
        ({"time": {"path": "t", "unit": "s", "optional": 1}}, "time"),
        ({"time": {"path": "t", "unit": "iso8601", "zone": "Nowhere/Else"}}, "time.zone"),
        ({"time": {"path": "t", "unit": "iso8601", "zone": "../../etc/passwd"}}, "time.zone"),
        ({"time": {"path": "t", "unit": "iso8601", "zone": 5}}, "time.zone"),
        ({"time": {"path": "", "unit": "s"}}, "time.path"),
        ({"sequence": "n"}, "sequence"),
        ({"sequence": {"path": "."}}, "sequence.path"),
        ({"values": {}}, "values"),
        ({"values": []}, "values"),
        ({"values": {"": {"path": "a"}}}, "values"),
        ({"values": {"x": "a"}}, "values.x"),
        ({"values": {"x": {}}}, "values.x"),
        ({"values": {"x": {"path": "a", "factor": 1}}}, "values.x"),
        ({"values": {"x": {"path": None}}}, "values.x.path"),
        ({"values": {"x": {"path": "a", "scale": "1"}}}, "values.x.scale"),
        ({"values": {"x": {"path": "a", "scale": True}}}, "values.x.scale"),
        ({"values": {"x": {"path": "a", "offset": float("inf")}}}, "values.x.offset"),
        ({"values": {"x": {"path": "a", "offset": 10**400}}}, "values.x.offset"),
        ({"values": {"x": {"path": "a", "unit": 5}}}, "values.x.unit"),
        ({"values": {"x": {"path": "a", "unit": ""}}}, "values.x.unit"),
        ({"values": {"x": {"path": "a", "unit": {"path": ""}}}}, "values.x.unit.path"),
        ({"values": {"x": {"path": "a", "words": {}}}}, "values.x.words"),
        ({"values": {"x": {"path": "a", "words": {"ON": "1"}}}}, "values.x.words"),
        ({"values": {"x": {"path": "a", "words": {1: 1}}}}, "values.x.words"),
        ({"online": {"path": "a"}}, "online"),
        ({"online": "a", "values": {"x": {"path": "x"}}}, "online"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        mapping("foreign/+", FINE | change)
    assert field in wrong.value.fields


@pytest.mark.parametrize("topic_filter", ["", "a/#/b", "a/b+", "#a", "a\0", "a" * 70_000])
def test_a_filter_that_is_none_is_named(topic_filter: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        mapping(topic_filter, FINE)
    assert list(wrong.value.fields) == ["topic_filter"]


def test_online_stands_alone() -> None:
    found = mapping("a", {"device": {"level": 0}, "online": {"path": "$"}})
    assert (found.online, found.channels) == (Channel(()), {})


def test_values_or_online_must_be_there() -> None:
    with pytest.raises(InvalidInput) as wrong:
        mapping("a", {"device": {"level": 0}})
    assert list(wrong.value.fields) == ["values"]


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/", True),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("#", "a/b", True),
        ("#", "$SYS/a", False),
        ("+/a", "$SYS/a", False),
        ("$SYS/#", "$SYS/a", True),
        ("+/+", "/a", True),
    ],
)
def test_filters_match_as_mqtt_says(topic_filter: str, topic: str, expected: bool) -> None:
    assert matches(topic_filter, topic) is expected


@pytest.mark.parametrize("name", [each["name"] for each in read("mappings")])
def test_the_ready_made_ones_are_fine(name: str) -> None:
    document = catalogue.mapping(name)
    mapping(document["topic_filter"], document["definition"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["payload", "each", "device", "time", "sequence", "key", "values", "online", "path", "unit", "zone", "words"]
NEARLY = st.recursive(
    JSON | st.sampled_from(["json", "text", "a.b", "$", "*", "s", "ms", "iso8601", "UTC"]),
    lambda inner: st.dictionaries(
        st.sampled_from([*FIELDS, "level", "optional", "scale", "offset"]), inner, max_size=5
    ),
    max_leaves=20,
)


@given(st.text(max_size=12), st.dictionaries(st.sampled_from(FIELDS), NEARLY | JSON))
def test_any_document_is_a_mapping_or_names_its_faults(topic_filter: str, definition: dict[str, Any]) -> None:
    try:
        mapping(topic_filter, definition)
    except InvalidInput as wrong:
        faults = wrong.fields
    else:
        return
    assert faults
