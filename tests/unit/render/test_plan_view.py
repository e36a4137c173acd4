"""A plan is told so that a person can say yes or no to it."""

from dataclasses import replace

from deployctl.model.change import Change
from deployctl.model.plan import Plan
from deployctl.render.facts import plan_json, result_json
from deployctl.render.plan_view import plan_text, told
from tests.unit.render import story
from tests.unit.render.golden import golden

BACK_TO = "20260313-101500-0a0a0a0 (0a0a0a0)"


def test_a_plan() -> None:
    plan = story.shop_plan(kept=(story.rollout("cron"),))
    assert plan_text(plan, back_to=BACK_TO) == golden("plan.txt")


def test_a_plan_with_a_reason_and_no_way_back() -> None:
    release = replace(story.release(), reason="the cart loses items")
    plan = replace(story.shop_plan(), release=release)
    assert plan_text(plan) == golden("plan_first.txt")


def test_an_empty_plan() -> None:
    plan = Plan(release=story.release(), waves=(), kept=(story.rollout("api"), story.MIGRATE))
    assert plan_text(plan, back_to=BACK_TO) == golden("plan_empty.txt")


def sides(change: Change) -> tuple[str, str]:
    return told(change.before, change), told(change.after, change)


def test_a_rollout_is_told_by_revision_and_digest() -> None:
    old, new = "0a0a0a0a", "b7b7b7b7"
    rollout = story.rollout("api")
    assert sides(rollout) == (f"shop-api:12 {old}", f"new revision {new}")
    pinned = replace(rollout, after={**rollout.after, "revision": f"{story.ARN}-api:11"})
    assert sides(pinned)[1] == f"shop-api:11 {new}"
    first = replace(rollout, before={})
    assert sides(first)[0] == ""


def test_other_changes_are_told_by_what_differs() -> None:
    change = Change(
        step="register:api",
        key="k",
        before={"same": "1", "cpu": "256", "body": "a"},
        after={"same": "1", "cpu": "512", "body": "b"},
    )
    assert sides(change) == ("cpu=256", "cpu=512")
    inner = replace(change, before={"body": "a"}, after={"body": "b"})
    assert sides(inner) == ("body=a", "body=b")


def test_a_plan_as_json_keeps_every_fact() -> None:
    told_plan = plan_json(story.shop_plan(kept=(story.rollout("cron"),)))
    assert list(told_plan) == ["release", "waves", "unchanged", "empty", "seconds"]
    assert told_plan["seconds"] == 270
    release = told_plan["release"]
    assert isinstance(release, dict)
    assert release["commit"] == {
        "sha": story.SHA,
        "tag": story.SHA,
        "branch": "main",
        "author": "Ann",
        "subject": "Take the cart to v2",
        "at": None,
        "dirty": False,
    }
    assert release["images"] == {
        name: {
            "ref": f"{story.HOST}/{name}@{story.NEW}",
            "digest": story.NEW,
            "built_from": story.SHA,
        }
        for name in story.CLUSTER
    }


def test_a_result_without_a_plan() -> None:
    result = result_json(story.rolled_back("web: sick"), seconds=12.345)
    assert result["exit_code"] == 21
    assert result["closed"] is True
    assert result["seconds"] == 12.3
    assert result["plan"] is None
    assert result["env"] == ""


def test_a_number_of_tasks_and_a_foreign_roll_are_told_too() -> None:
    before = {
        "image": "h/a@sha256:" + "1" * 64,
        "revision": "arn:aws:ecs:eu-west-1:1:task-definition/api:1",
    }
    before["desired"] = "2"
    before["towards"] = "arn:aws:ecs:eu-west-1:1:task-definition/api:9"
    change = Change(
        step="rollout:api", key="r/rollout:api", before=before, after={**before, "desired": "5"}
    )
    assert told(change.before, change).endswith("2 tasks (ECS rolls to api:9)")
    assert "5 tasks" in told(change.after, change)
