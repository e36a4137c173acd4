"""Text that is no YAML we take, and what is said about it."""

import pytest

from tests.unit.config.good import GOOD, Wrong, but, plus

WRONG = {
    "duplicate": Wrong(
        text=plus("project: x\n"),
        at="7:1",
        what="the key `project` is there twice, it already stands in line 1",
        cure="Delete one of them.",
    ),
    "duplicate nested": Wrong(
        text=plus("services:\n  api: {}\n"),
        at="7:1",
        what="the key `services` is there twice, it already stands in line 2",
        cure="Delete one of them.",
    ),
    "tab": Wrong(
        text=plus("cdn:\n\tpaths: []\n"),
        at="8:1",
        what="a tab is used for indentation, YAML allows only spaces there",
        cure="Replace the tab with spaces.",
    ),
    "alias": Wrong(
        text=plus("smoke: [&a {get: /}, *a]\n"),
        at="7:9",
        what="the anchor &a is not supported",
        cure="Delete it, or quote the text.",
    ),
    "merge": Wrong(
        text=plus("cdn:\n  <<: {}\n  paths: [/]\n"),
        at="8:3",
        what="merge keys (<<) are not supported",
        cure="Write the values out, or use the",
    ),
    "bomb": Wrong(
        text="a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
        at="1:4",
        what="the anchor &a is not supported",
        cure="Delete it, or quote the text.",
    ),
    "deep": Wrong(
        text="a: " + "[" * 40 + "]" * 40,
        at="1:35",
        what="the nesting is too deep, more than 32 levels",
        cure="Flatten it.",
    ),
    "tag": Wrong(
        text=but("project: shop", "project: !!str shop"),
        at="1:10",
        what="the tag tag:yaml.org,2002:str is not supported",
        cure="Delete the tag.",
    ),
    "empty": Wrong(
        text="",
        at="1:1",
        what="the file holds no settings, it must be `key: value` lines",
        cure="Begin with: project: <name>",
    ),
    "comment only": Wrong(
        text="# nothing\n",
        at="1:1",
        what="the file holds no settings, it must be `key: value` lines",
        cure="Begin with: project: <name>",
    ),
    "list": Wrong(
        text="- a\n",
        at="1:1",
        what="the file is not a mapping, it must be `key: value` lines",
        cure="Begin with: project: <name>",
    ),
    "two documents": Wrong(
        text=GOOD + "---\nproject: x\n",
        at="7:1",
        what="a second document begins, one file is one configuration",
        cure="Delete the `---` line or move the rest to",
    ),
    "unclosed quote": Wrong(
        text=but('"https://shop.example"', '"https://shop.example'),
        at="6:77",
        what="this is not YAML (found unexpected end of stream)",
        cure="Close the quote.",
    ),
    "colon": Wrong(
        text=but("project: shop", "project: a: b"),
        at="1:11",
        what="this is not YAML (mapping values are not allowed here)",
        cure="Quote the value if it holds `: `; otherwise",
    ),
    "reserved": Wrong(
        text=but("project: shop", "project: @shop"),
        at="1:10",
        what="a value begins with '@', YAML reserves that character",
        cure="Put the value in quotes.",
    ),
    "account zeros": Wrong(
        text=but('"222222222222"', "022222222222"),
        at="6:22",
        what="022222222222 is ambiguous",
        cure='Quote it if it is text ("022222222222"), or',
    ),
    "complex key": Wrong(
        text=plus("? [a]\n: x\n"),
        at="7:3",
        what="a key is not a word, a list or mapping cannot be a key",
        cure="Quote the text if a placeholder was meant:",
    ),
    "directive": Wrong(
        text="%YAML 1.1\n---\nproject: x\n",
        at="2:1",
        what="there is a % directive, the file is always read as YAML 1.2",
        cure="Delete the line that begins with %.",
    ),
    "endless bracket": Wrong(
        text=but("[api]", "[api"),
        at="4:47",
        what="this is not YAML (expected ',' or ']', but got '}')",
        cure="Close the bracket, or quote the text.",
    ),
    "no colon": Wrong(
        text=plus("cdn\n"),
        at="8:1",
        what="this is not YAML (could not find expected ':'), a key without a colon",
        cure="Write `key: value`.",
    ),
    "extra": Wrong(
        text=plus("  - x\n"),
        at="7:3",
        what="this is not YAML (expected <block end>, but found '-')",
        cure="Align the line with its neighbours, or quote",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_text_that_is_no_yaml_we_take_is_refused_with_place_and_cure(name: str) -> None:
    WRONG[name].is_complained_about()
