"""YAML as people write it: words stay words, numbers are the numbers that stand there."""

from __future__ import annotations

import pytest

from facility_monitor.errors import InvalidInput
from facility_monitor.yaml_text import dump, load

WORDS = ["7_5", "1_0.5", "1:30", "010", "0x1F", "on", "off", "yes", "No", "1.2.3"]


@pytest.mark.parametrize("word", WORDS)
def test_what_only_an_old_yaml_takes_for_a_number_or_a_truth_is_a_word(word: str) -> None:
    assert load(f"a: {word}\n{word}: b", "file") == {"a": word, word: "b"}


@pytest.mark.parametrize("number", ["0", "-5", "+5", "1.5", "-.5", "5.", "1e3", "1.5e-3"])
def test_numbers_are_read_as_they_stand(number: str) -> None:
    assert load(f"a: {number}", "file") == {"a": float(number)}


def test_words_and_numbers_come_back_as_they_were() -> None:
    whole = {"words": [*WORDS, "1e3", "true", "null", "湿度"], "numbers": [0, 1.5, 1e20, True, None]}
    assert load(dump(whole), "file") == whole


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: {c: 1, c: 2}", 'c stands twice in "<unicode string>", line 2'),
        ("a: 2026-02-30", "day"),
        ("[" * 5000, "nested too deeply"),
        ("a: &a [*a]", "more than 200,000 values"),
        ("a0: &a0 [1, 1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)), "200,000 values"),
    ],
)
def test_what_is_no_yaml_or_too_much_of_it_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(text, "file")
    assert said in refused.value.fields["file"]


def test_a_mapping_may_take_from_another_what_it_says_otherwise() -> None:
    assert load("x: &x {a: 1, b: 1}\ny: {<<: *x, b: 2}", "file")["y"] == {"a": 1, "b": 2}
