"""Whatever the file holds: settings, or complaints with a place and a cure; never a traceback."""

import string
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from deployctl.config import Complaint, FileWrong, Settings, parse, shown
from deployctl.config.source import decode
from tests.unit.config.good import FILE, GOOD
from tests.unit.config.test_schema import TOUR
from tests.unit.config.test_settings import MINIMAL

LINE_ENDS = "\n\r\x85\u2028\u2029"
WORDS = [
    "smoke",
    "expect",
    "json",
    "matches",
    "between",
    "count",
    "x-a",
    "null",
    "~",
    "0123",
    "1.10",
    "-1",
    "1e999",
    "true",
    "$",
    "$env",
    "$git_sha",
    "${ssm:/x}",
    "<<",
    "&a",
    "*a",
    "!x",
    "#",
    "'",
    '"',
    "|",
    ">",
    "?",
    "(",
    "a{9999999999}",
    "é",
    "\x85",
    "\u2028",
    "\ufeff",
    "😀",
]
MARKS = ("\t", "\n", "  ", ": ", "- ", "{", "}", "[", "]", "---\n", "...\n", "%YAML 1.2\n")
BITS = st.sampled_from([*WORDS, *MARKS, "9" * 5000])
VALUES: st.SearchStrategy[str] = st.recursive(
    st.sampled_from([*filter(str.isalnum, WORDS), "5m", "''", "api", "[]", "{}", "-", "1.10"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(
            st.sampled_from(["api", "ecs", "build", "get", "expect", "json", "$.a", "x", "layer"]),
            inner,
            max_size=3,
        ).map(lambda pairs: "{" + ", ".join(f"{k}: {v}" for k, v in pairs.items()) + "}"),
    ),
    max_leaves=8,
)
SECTIONS = st.sampled_from(
    ["state", "builds", "migrations", "cdn", "smoke", "waves", "rollback", "hotfix", "zz"]
)
patiently = settings(deadline=None, max_examples=60)


def outcome(text: str) -> tuple[dict[str, Settings], tuple[Complaint, ...]]:
    try:
        return parse(text, FILE), ()
    except FileWrong as wrong:
        return {}, wrong.complaints


def hold(text: str) -> None:
    every, found = outcome(text)
    assert bool(every) is not bool(found)
    for each in found:
        assert each.what
        assert each.cure
        assert "\n" not in str(each)
        assert 1 <= each.line <= sum(text.count(end) for end in LINE_ENDS) + 2
        assert each.column >= 1
    for one in every.values():
        assert parse(shown(one), FILE)[one.environment].digest == one.digest


@patiently
@given(st.text(alphabet=string.printable + "\x85\u2028é\ufeff", max_size=200))
@example("[" * 3000)
@example("? " * 40)
@example("- " * 40 + "x")
@example("a: !<x> b")
@example("a: !!foo")
@example("%TAG ! x\n--- a")
def test_any_text(text: str) -> None:
    hold(text)


@patiently
@given(st.binary(max_size=100))
def test_any_bytes(raw: bytes) -> None:
    try:
        text = decode(raw, Path("x.yaml"))
    except FileWrong:
        return
    hold(text)


@patiently
@given(st.data(), st.sampled_from((GOOD, MINIMAL)))
def test_a_good_file_with_anything_put_in_or_taken_out(data: st.DataObject, seed: str) -> None:
    text = seed
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        text = text[:start] + data.draw(BITS | st.just("")) + text[start + length :]
    hold(text)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 6000), BITS)
def test_the_tour_with_anything_put_in(at: int, bit: str) -> None:
    tour = TOUR.read_text()
    hold(tour[:at] + bit + tour[at:])


@patiently
@given(st.dictionaries(SECTIONS, VALUES, max_size=4), VALUES)
def test_any_values_anywhere(sections: dict[str, str], services: str) -> None:
    hold(GOOD + "".join(f"{name}: {value}\n" for name, value in sections.items()))
    hold(f"project: a\nservices: {services}\nenvironments: {{e: {services}}}\n")
