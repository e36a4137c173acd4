"""Bounded waiting."""

from pathlib import Path

import pytest

from deployctl.model.errors import CheckFailed
from deployctl.sandbox.patience import came_up, last_words, until


def test_it_stops_asking_at_the_first_yes() -> None:
    answers = iter([False, False, True])
    assert until(lambda: next(answers), seconds=5, pause=0)


def test_it_gives_up_when_the_time_is_over() -> None:
    assert not until(lambda: False, seconds=0, pause=0)


def test_the_last_words_are_the_end_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("".join(f"line {n}\n\n" for n in range(100)))
    assert last_words(log, lines=2) == "  line 98\n  line 99"


def test_a_silent_or_missing_log_is_said(tmp_path: Path) -> None:
    assert last_words(tmp_path / "none") == "  (no log)"
    (tmp_path / "empty").touch()
    assert last_words(tmp_path / "empty") == "  (its log is empty)"


def test_a_part_that_answers_is_waited_for_and_no_more(tmp_path: Path) -> None:
    came_up("engine", tmp_path / "x", alive=lambda: True, ready=lambda: True, seconds=0)


@pytest.mark.parametrize(
    ("alive", "says"), [(False, "ended while starting"), (True, "did not answer within 0 s")]
)
def test_a_part_that_does_not_come_up_is_told_with_its_last_words(
    tmp_path: Path, alive: bool, says: str
) -> None:
    log = tmp_path / "engine.log"
    log.write_text("no room left\n")
    with pytest.raises(CheckFailed, match=f"{says}(?s:.*)no room left"):
        came_up("engine", log, alive=lambda: alive, ready=lambda: False, seconds=0)
