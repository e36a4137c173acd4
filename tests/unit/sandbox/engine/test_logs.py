"""One frame is one whole line; followers read to the very end."""

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployctl.sandbox.engine.following import Following
from deployctl.sandbox.engine.logs import LINE_LIMIT, STDERR, STDOUT, Log, frame, frames
from deployctl.sandbox.engine.wire import Answer


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """An empty log whose file is there, as a created container's is."""
    log = Log(tmp_path / "log")
    log.path.touch()
    yield log
    log.close()


def test_a_frame_has_the_stream_the_length_and_the_line() -> None:
    assert frame(STDERR, b"hi\n") == b"\x02\x00\x00\x00\x00\x00\x00\x03hi\n"


def test_output_is_framed_line_by_line_the_last_without_newline_too(log: Log) -> None:
    log.pump(STDOUT, io.BytesIO(b"one\n\ntwo"))
    assert list(frames(log.path.read_bytes())) == [(1, b"one\n"), (1, b"\n"), (1, b"two")]


def test_a_line_without_end_is_cut(log: Log) -> None:
    log.pump(STDOUT, io.BytesIO(b"x" * (LINE_LIMIT + 1)))
    assert [len(line) for _, line in frames(log.path.read_bytes())] == [LINE_LIMIT, 1]


def test_half_a_frame_is_not_a_frame() -> None:
    assert list(frames(frame(1, b"whole\n") + frame(1, b"cut off\n")[:-2])) == [(1, b"whole\n")]


def test_one_stream_or_the_last_lines_can_be_chosen(log: Log) -> None:
    for number in range(3):
        log.write(STDOUT, b"o%d\n" % number)
        log.write(STDERR, b"e%d\n" % number)
    both = frozenset({STDOUT, STDERR})
    assert log.read(streams=frozenset({STDERR})) == b"".join(
        frame(2, b"e%d\n" % n) for n in (0, 1, 2)
    )
    assert log.read(streams=both, tail=1) == frame(2, b"e2\n")
    assert log.read(streams=both, tail=0) == b""
    assert log.read(streams=both, tail=99) == log.path.read_bytes()
    assert log.tail(2) == (b"o2\n", b"e2\n")
    assert log.tail(0) == ()
    log.close()


def test_a_follower_sees_lines_as_they_come_and_stops_when_the_container_has_ended(
    log: Log,
) -> None:
    running = threading.Event()
    running.set()
    log.write(STDOUT, b"first\n")
    followed = log.follow(running.is_set)
    assert next(followed) == frame(1, b"first\n")
    later = threading.Timer(0.05, log.write, (STDOUT, b"second\n"))
    later.start()
    assert next(followed) == frame(1, b"second\n")
    log.write(STDOUT, b"last words\n")
    log.path.unlink()
    running.clear()
    log.close()
    assert list(followed) == [frame(1, b"last words\n")]
    later.join()


def test_after_the_end_nothing_is_written_and_a_lost_file_is_empty(log: Log) -> None:
    log.close()
    log.write(STDOUT, b"too late\n")
    assert log.path.read_bytes() == b""
    log.path.unlink()
    assert list(log.follow(lambda: True)) == []
    assert log.tail(5) == ()


def test_a_followed_stream_that_ends_too_early_is_completed_before_the_removal() -> None:
    first, last = frame(STDOUT, b"one\n"), frame(STDERR, b"two, without newline")
    following = Following()
    cut = Answer(status=200, stream=iter((first[:5], first[5:])))
    pieces = following.complete("c", cut, lambda: first + last)
    removal = threading.Thread(target=following.await_end, args=("c",))
    removal.start()
    assert b"".join(pieces) == first + last
    removal.join(5)
    assert not removal.is_alive()
    following.await_end("c")
