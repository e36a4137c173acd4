"""All that is wrong is said at once, in the order of the file, and each thing once."""

import pytest

from deployctl.config import FileWrong, parse
from tests.unit.config.good import FILE, but, plus


def complaints(text: str) -> list[str]:
    with pytest.raises(FileWrong) as caught:
        parse(text, FILE)
    return [f"{each.line}:{each.column} {each.what}" for each in caught.value.complaints]


def test_all_kinds_of_complaints_come_together() -> None:
    text = but("after: [api]", "after: [apo], patience: 5") + (
        "smoke: [{get: x, service: y}]\n"
        "project: again\n"
        "notify: {}\n"
        "state: {path: $evn}\n"
        "cdn: {paths: [a]}\n"
    )
    assert complaints(text) == [
        "4:44 `services.web.after` names no service: `apo`",
        "4:60 `services.web.patience` is not a duration",
        "7:15 `smoke[0].get` is not a path",
        "7:27 `smoke[0].service` names no service: `y`",
        "8:1 the key `project` is there twice",
        "9:1 `notify` is not available in this version",
        "10:15 unknown placeholder `$evn`",
        "11:1 `cdn` has no `distribution` in staging",
        "11:14 `cdn.paths` cannot be invalidated",
    ]


def test_a_mistake_for_all_environments_is_said_once() -> None:
    assert complaints(but("ecs: shop-web", "ecs: 7") + "  production: {sandbox: true}\n") == [
        "4:26 `services.web.ecs` is not text"
    ]


def test_an_overlay_is_blamed_in_its_own_line() -> None:
    text = plus("  production:\n    sandbox: true\n    services:\n      web: {patience: 3x}\n")
    assert complaints(text) == ["10:23 `services.web.patience` is not a duration"]


def test_very_many_complaints_about_aliases_end() -> None:
    text = "a: &a x\nb: [" + "*a, " * 1000 + "]\n"
    assert len(complaints(text)) == 50


def test_a_file_with_a_great_many_values_is_refused_soon() -> None:
    (complaint,) = complaints("a: [" + "x, " * 20_000 + "]\n")
    assert complaint.endswith("there are too many values")


def test_the_whole_error_is_one_line_a_complaint() -> None:
    with pytest.raises(FileWrong) as caught:
        parse(plus("servces: {}\nnotify: {}\n"), FILE)
    assert str(caught.value) == (
        "/shop/deployctl.yaml:7:1: unknown key `servces`, the file has no such key. "
        "Did you mean `services`?\n"
        "/shop/deployctl.yaml:8:1: `notify` is not available in this version, "
        "what is not acted upon is not accepted. Delete the key."
    )
