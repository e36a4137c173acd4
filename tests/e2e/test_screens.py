"""How a release looks: on a terminal, in a pipe, in a log without colours, and to scripts."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.commandline import DEPLOYCTL
from tests.e2e.shop import SERVICES, Shop
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e
COLUMNS, ROWS = 100, 30


class Pane:
    """A terminal of its own: a tmux server that nobody else uses."""

    def __init__(self, socket: Path, command: str, shop: Shop) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
        size = ["-x", str(COLUMNS), "-y", str(ROWS)]
        variables = {**shop.commands.variables(), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [*self._tmux, "new-session", "-d", *size, command],
            cwd=shop.folder,
            env=variables,
            check=True,
        )

    def ask(self, *words: str) -> str:
        """What tmux answers."""
        return subprocess.run(
            [*self._tmux, *words], check=False, capture_output=True, text=True
        ).stdout

    def shown(self) -> str:
        """What the screen shows now."""
        return self.ask("capture-pane", "-p")

    def scrolled(self) -> int:
        """How many lines have left the screen at its top."""
        return int(self.ask("display-message", "-p", "#{history_size}") or 0)


@pytest.fixture(scope="module")
def live(shop: Shop) -> str:
    """v1 is live, and it went there on a terminal."""
    return shop.at("v1")


@pytest.fixture(scope="module")
def watched(live: str, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Every picture of the first release on a terminal of 100 x 30; the last is the end."""
    folder = tmp_path_factory.mktemp("tmux")
    command = shlex.join([*DEPLOYCTL, "release", "--env", shop.env])
    code = folder / "code"
    pane = Pane(folder / "s", f"{command}; echo $? > {code}; sleep 600", shop)
    pictures: list[str] = []

    def over() -> bool:
        assert pane.scrolled() == 0 or code.exists(), "the live screen is more than a screenful"
        picture = pane.shown()
        if picture and picture not in pictures[-1:]:
            pictures.append(picture)
        return code.exists() and bool(code.read_text())

    try:
        until(over, "the release on a terminal", seconds=180)
        pictures.append(pane.ask("capture-pane", "-p", "-S", "-200"))
        assert code.read_text() == "0\n", pictures[-1]
        yield pictures
    finally:
        pane.ask("kill-server")


def test_on_a_terminal_every_service_has_its_line_while_it_rolls(watched: list[str]) -> None:
    rolling = [picture for picture in watched if "worker" in picture and "tasks" in picture]
    assert rolling
    for name in SERVICES:
        assert any(
            line.split()[:1] == [name] or f" {name} " in line
            for picture in rolling
            for line in picture.splitlines()
        )


def test_the_screen_ends_with_the_verdict(watched: list[str]) -> None:
    assert "released: the new version serves, verified (exit code 0)" in watched[-1]


def test_every_line_of_jsonl_is_json_with_the_promised_keys(watched: list[str], shop: Shop) -> None:
    shop.at("v1")
    shop.repaint("web")
    ended = shop.deployctl("release", "--output", "jsonl")
    keys = {"v", "ts", "seq", "release", "env", "type", "step", "state", "note", "done", "total"}
    assert all(set(event) == keys | {"data"} for event in ended.events())
    assert [event["seq"] for event in ended.events()] == list(range(1, len(ended.events()) + 1))
    assert ended.events()[-1]["type"] == "release.ended"
    assert ended.err == ""


def test_the_result_is_json_on_stdout_and_the_news_are_on_stderr(
    watched: list[str], shop: Shop
) -> None:
    ended = shop.deployctl("release", "--json")
    assert ended.json()["verdict"] == "nothing to do"
    assert ended.json()["exit_code"] == 0
    assert "nothing to do" in ended.err
    refused = shop.deployctl("rollback", "--to", "nope", "--json", expect=2)
    assert refused.json()["exit_code"] == 2


def test_a_reader_that_goes_away_does_not_stop_a_release(watched: list[str], shop: Shop) -> None:
    shop.at("v1")
    sha = shop.edit("web/shop_web/__init__.py", "HEAD = 1\n")
    words = ("release", "--output", "jsonl", "--allow-downgrade", "--env", shop.env)
    script = f"{shlex.join([*DEPLOYCTL, *words])} | head -1; exit ${{PIPESTATUS[0]}}"
    ended = shop.commands.run("-c", script, prefix=["bash"])
    assert [event["seq"] for event in ended.events()] == [1]
    assert ended.err == ""
    assert shop.serving()[0] == sha


def test_without_a_terminal_there_is_no_escape_and_in_the_c_locale_only_ascii(
    watched: list[str], shop: Shop
) -> None:
    for words in (("release",), ("status",), ("history",), ("plan",), ("lock", "status")):
        ended = shop.deployctl(*words, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
        assert "\x1b" not in ended.text
        assert ended.text.isascii()


def test_a_commit_with_any_letters_is_told_on_any_screen(watched: list[str], shop: Shop) -> None:
    shop.edit("README.md", "x\n", subject="Größer \x1b[31mred\x07 🫖")
    ended = shop.deployctl("release", PYTHONIOENCODING="ascii")
    assert "\x1b" not in ended.text
    assert "Gr\\xf6" in ended.err
    assert "Größer" in shop.deployctl("release").err
