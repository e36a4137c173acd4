"""Which commit a release must answer with, service by service."""

from dataclasses import replace

import pytest

from deployctl.model.change import State
from deployctl.model.check import Check
from deployctl.model.release import Commit
from tests.fakes.web import Replies, ok
from tests.unit.edge.suite import NEW, OLD, RELEASE, Suite, version


@pytest.mark.parametrize(
    ("service", "answer", "state"),
    [
        ("api", NEW, State.DONE),
        ("web", OLD, State.DONE),  # not rebuilt: its image is still of the older commit
        ("", OLD, State.DONE),
        ("", NEW, State.DONE),
        ("unknown", NEW, State.DONE),
        ("api", OLD, State.FAILED),
        ("web", NEW, State.FAILED),
        ("", "c" * 40, State.FAILED),
    ],
)
def test_the_version_is_the_tag_its_image_was_built_from(
    service: str, answer: str, state: State
) -> None:
    suite = Suite(version(service=service), site=Replies(ok(f'{{"commit": "{answer}"}}')))
    assert suite.run().state is state


def test_a_dirty_tree_is_asked_for_with_its_mark() -> None:
    release = replace(RELEASE, commit=Commit(sha=NEW, dirty="123"), images={})
    suite = Suite(version(service=""), site=Replies(ok(f'{{"commit": "{NEW}-dirty-123"}}')))
    suite.change = suite.step.plan(release)
    assert suite.run().state is State.DONE


def test_the_version_may_stand_in_the_address() -> None:
    check = Check(
        name="a",
        url="http://h/$git_sha.js",
        service="web",
        headers=(("X", "$$$git_sha"),),
        body="$$",
    )
    suite = Suite(check, site=Replies(ok()))
    suite.run()
    (request,) = suite.web.asked
    assert (request.url, request.headers, request.body) == (
        f"http://h/{OLD}.js",
        (("X", f"${OLD}"),),
        "$",
    )
