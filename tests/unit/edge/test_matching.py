"""Every comparison, its denial, and the places in a document it is made at."""

import re

import pytest

from deployctl.model.check import Check, Matcher, Op, Scalar, filled, mentions_version
from deployctl.model.jsonpath import MISSING, find, parse
from deployctl.model.matching import complaint, holds

Value = Scalar | tuple[Scalar, ...] | Matcher
THREE = Matcher(op=Op.EQUALS, value=3)


@pytest.mark.parametrize(
    ("op", "wanted", "good", "bad"),
    [
        (Op.EQUALS, "ok", "ok", "OK"),
        (Op.EQUALS, 1, 1.0, "1"),
        (Op.EQUALS, True, True, 1),
        (Op.EQUALS, 0, 0, False),
        (Op.EQUALS, None, None, ""),
        (Op.EQUALS, ("a", 1), ["a", 1], ["a", True]),
        (Op.EQUALS, ("a",), ["a"], ["a", "b"]),
        (Op.EXISTS, True, None, MISSING),
        (Op.EXISTS, False, MISSING, "there"),
        (Op.CONTAINS, "shop", "the shop", "store"),
        (Op.CONTAINS, "a", ["a", "b"], ["ab"]),
        (Op.CONTAINS, "a", {"a": 1}, {"b": 1}),
        (Op.STARTS_WITH, "text/", "text/html", "html text/"),
        (Op.ENDS_WITH, ".js", "app.js", "app.js.map"),
        (Op.ENDS_WITH, ".js", "app.js", [".js"]),
        (Op.MATCHES, r"max-age=\d+", "public, max-age=60", "max-age=x"),
        (Op.MATCHES, r"^\d+$$", "12", "12a"),
        (Op.IN, (200, "ok"), "ok", "no"),
        (Op.IN, (1,), 1, True),
        (Op.LT, 3, 2.9, 3),
        (Op.LTE, 3, 3, 3.1),
        (Op.GT, 3, "4", "3"),
        (Op.GTE, 3, 3, "two"),
        (Op.GTE, 0, 1, True),
        (Op.GTE, 0, 1, [1]),
        (Op.BETWEEN, (1, 10), 10, 11),
        (Op.BETWEEN, (1, 10), 1, 0),
        (Op.TYPE, "string", "", 1),
        (Op.TYPE, "integer", 1, 1.5),
        (Op.TYPE, "number", 1.5, "1.5"),
        (Op.TYPE, "boolean", True, 1),
        (Op.TYPE, "integer", 1, True),
        (Op.TYPE, "null", None, 0),
        (Op.TYPE, "object", {}, []),
        (Op.TYPE, "array", [], {}),
        (Op.COUNT, THREE, [1, 2, 3], [1]),
        (Op.COUNT, THREE, "abc", 3),
    ],
)
def test_a_comparison_and_its_denial(op: Op, wanted: Value, good: object, bad: object) -> None:
    matcher = Matcher(op=op, value=wanted)
    assert complaint(matcher) == ""
    assert holds(matcher, good)
    assert not holds(matcher, bad)
    denial = Matcher(op=op, value=wanted, negated=True)
    assert not holds(denial, good)
    assert holds(denial, bad)


def test_what_is_missing_satisfies_a_denial_only() -> None:
    assert not holds(Matcher(op=Op.MATCHES, value=r"\d"), MISSING)
    assert holds(Matcher(op=Op.MATCHES, value=r"\d", negated=True), MISSING)


@pytest.mark.parametrize(
    ("op", "value", "part"),
    [
        (Op.MATCHES, "(", "not a regular expression"),
        (Op.CONTAINS, 3, "a text"),
        (Op.LT, "3", "a number"),
        (Op.GT, True, "a number"),
        (Op.BETWEEN, (1, 2, 3), "two numbers"),
        (Op.BETWEEN, 1, "two numbers"),
        (Op.IN, (), "not empty"),
        (Op.EXISTS, "yes", "true or false"),
        (Op.TYPE, "text", "one of array, boolean"),
        (Op.COUNT, 3, "a comparison"),
        (Op.COUNT, Matcher(op=Op.LT, value="x"), "a number"),
        (Op.EQUALS, Matcher(op=Op.LT, value=1), "a value"),
    ],
)
def test_a_matcher_that_could_never_work_says_why(op: Op, value: Value, part: str) -> None:
    assert part in complaint(Matcher(op=op, value=value))


TAGS = ("aaa-dirty-1", "b.b")


@pytest.mark.parametrize(
    ("op", "value", "good", "bad"),
    [
        (Op.EQUALS, "$git_sha", "b.b", "bxb"),
        (Op.CONTAINS, "v-$git_sha", "x v-aaa-dirty-1 x", "v-aaa"),
        (Op.MATCHES, r"^$git_sha$$", "b.b", "bxb"),
        (Op.IN, ("latest", "$git_sha"), "aaa-dirty-1", "other"),
    ],
)
def test_the_version_is_any_of_the_tags(op: Op, value: Value, good: str, bad: str) -> None:
    matcher = Matcher(op=op, value=value)
    assert matcher.is_about_version
    assert holds(matcher, good, TAGS)
    assert not holds(matcher, bad, TAGS)
    assert not holds(matcher, good, ())
    assert not holds(Matcher(op=op, value=value, negated=True), good, TAGS)


def test_a_doubled_dollar_is_a_dollar() -> None:
    assert filled("$$git_sha costs 3$$ or $3: $git_sha", "abc") == "$git_sha costs 3$ or $3: abc"
    assert not mentions_version("$$git_sha and $git_shaft")
    assert mentions_version("$$$git_sha")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", {"a": [{"b c": 1}, None], "n": {"x-y": 2}}),
        ("$.a[0]['b c']", 1),
        ('$["a"][-2]["b c"]', 1),
        ("$.a[1]", None),
        ("$.n.x-y", 2),
        ("$.a[2]", MISSING),
        ("$.a.b", MISSING),
        ("$.n[0]", MISSING),
        ("$.a[1].x", MISSING),
    ],
)
def test_a_path_leads_to_its_value_or_nowhere(path: str, value: object) -> None:
    document = {"a": [{"b c": 1}, None], "n": {"x-y": 2}}
    assert find(document, path) == value


@pytest.mark.parametrize("path", ["", "a.b", "$a", "$.", "$..a", "$.a[*]", "$.a[?(@.b)]", "$.a[1"])
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(path))):
        parse(path)


def test_a_path_is_put_behind_the_address_of_the_environment() -> None:
    check = Check(name="v", url="/version")
    assert check.placed("https://shop.example/", "10.0.0.1:443") == Check(
        name="v", url="https://shop.example/version", connect_to="10.0.0.1:443"
    )
    own = Check(name="v", url="https://other.example/x")
    assert own.placed("https://shop.example", "10.0.0.1:443") == own


def test_a_matcher_reads_as_words() -> None:
    assert str(Matcher(op=Op.EQUALS, value="ok")) == "'ok'"
    assert str(Matcher(op=Op.STARTS_WITH, value="a", negated=True)) == "not starts with 'a'"
    assert str(Matcher(op=Op.COUNT, value=THREE)) == "count 3"
