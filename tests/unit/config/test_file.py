"""Files that are no text, no file, or too much."""

from pathlib import Path

import pytest

from deployctl.config import FileWrong, check_file, load
from deployctl.config.source import LARGEST
from deployctl.model.exits import Exit
from tests.unit.config.good import GOOD

WRONG = {
    "utf-16": (GOOD.encode("utf-16"), "", "UTF-16"),
    "latin-1": (GOOD.replace("shop\n", "caf\xe9\n", 1).encode("latin-1"), ":1:13", "0xe9"),
    "nul": (GOOD.encode() + b"x: \x00\n", ":7:4", "U+0000"),
    "escape": (b"project: \x1b[31m\n", ":1:10", "U+001B"),
    "too large": (b"#" * (LARGEST + 1), "", "too large"),
    "empty": (b"", ":1:1", "no settings"),
    "only a mark": (b"\xef\xbb\xbf", ":1:1", "no settings"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_no_plain_text_is_refused(name: str, tmp_path: Path) -> None:
    raw, at, what = WRONG[name]
    file = tmp_path / "deployctl.yaml"
    file.write_bytes(raw)
    with pytest.raises(FileWrong) as caught:
        load(file, "staging")
    assert caught.value.exit is Exit.CONFIG
    (complaint,) = caught.value.complaints
    assert complaint.place == f"{file}{at}"
    assert what in complaint.what
    assert complaint.cure


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (complaint,) = check_file(tmp_path / "deployctl.yaml")
    assert complaint.place == str(tmp_path / "deployctl.yaml")
    assert "no such file" in complaint.what
    assert "--config" in complaint.cure


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    (complaint,) = check_file(tmp_path)
    assert "folder" in complaint.what
    assert str(tmp_path / "deployctl.yaml") in complaint.cure


@pytest.mark.parametrize("name", ["x\0y", "x" * 5000])
def test_a_name_that_no_file_has_is_refused(name: str) -> None:
    (complaint,) = check_file(Path(name))
    assert "cannot be read" in complaint.what


def test_a_byte_order_mark_and_windows_line_ends_are_no_trouble(tmp_path: Path) -> None:
    file = tmp_path / "deployctl.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(file, "staging").project == "shop"


def test_an_unknown_environment_lists_those_that_are_there(tmp_path: Path) -> None:
    file = tmp_path / "deployctl.yaml"
    file.write_text(GOOD)
    with pytest.raises(FileWrong) as caught:
        load(file, "stagin")
    assert caught.value.exit is Exit.CONFIG
    (complaint,) = caught.value.complaints
    assert complaint.why == "the file has: staging"
    assert complaint.cure == "Did you mean `staging`?"


def test_a_mistake_in_one_environment_is_found_on_the_way_through_another(tmp_path: Path) -> None:
    file = tmp_path / "deployctl.yaml"
    file.write_text(GOOD + "  production: {sandbox: true, url: shop}\n")
    with pytest.raises(FileWrong, match=r"environments\.production\.url"):
        load(file, "staging")


def test_paths_are_absolute_whatever_the_file_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deployctl.yaml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    settings = load(Path("deployctl.yaml"), "staging")
    assert settings.root == tmp_path


def test_a_good_file_has_no_complaints(tmp_path: Path) -> None:
    (tmp_path / "deployctl.yaml").write_text(GOOD)
    assert check_file(tmp_path / "deployctl.yaml") == ()


def test_a_build_may_be_a_folder_although_a_build_has_nearly_its_name(tmp_path: Path) -> None:
    text = GOOD.replace("{build: web,", "{build: apis,") + "builds: {api: {context: api}}\n"
    file = tmp_path / "deployctl.yaml"
    file.write_text(text)
    (complaint,) = check_file(file)
    assert complaint.what == "`services.web.build` is neither a build nor a folder: `apis`"
    (tmp_path / "apis").mkdir()
    assert check_file(file) == ()


def test_a_folder_name_that_no_file_system_takes_is_no_traceback(tmp_path: Path) -> None:
    long = "a" * 300
    text = GOOD.replace("{build: web,", f"{{build: {long},") + "builds: {api: {context: api}}\n"
    (tmp_path / "deployctl.yaml").write_text(text)
    assert check_file(tmp_path / "deployctl.yaml") == ()
