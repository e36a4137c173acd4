"""Plans, changes and outcomes as plain JSON values: one shape for `--json` and for events."""

from collections.abc import Mapping

from deployctl.model.change import Change, Progress
from deployctl.model.errors import DeployError
from deployctl.model.plan import Plan, Wave
from deployctl.model.release import Release
from deployctl.model.verdict import Outcome

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What `json.dumps` takes."""


def plan_json(plan: Plan) -> dict[str, Json]:
    """`{release, waves: [{name, phase, changes}], unchanged, empty, seconds}`."""
    return {
        "release": release_json(plan.release),
        "waves": [wave_json(wave) for wave in plan.waves],
        "unchanged": [change_json(change) for change in plan.kept],
        "empty": plan.is_empty,
        "seconds": plan.seconds,
    }


def result_json(
    outcome: Outcome, *, plan: Plan | None = None, seconds: float | None = None
) -> dict[str, Json]:
    """`{release, env, verdict, exit_code, cause, …}`: the result of a run for scripts."""
    return {
        "release": outcome.release,
        "env": plan.release.environment if plan else "",
        "commit": plan.release.commit.sha if plan else "",
        "verdict": outcome.verdict.value,
        "exit_code": int(outcome.verdict.exit),
        "closed": outcome.verdict.closes,
        "cause": outcome.cause,
        "failed_step": outcome.failed_step,
        "evidence": list(outcome.evidence),
        "hint": outcome.hint,
        "next_command": outcome.next_command,
        "warnings": list(outcome.warnings),
        "seconds": None if seconds is None else round(seconds, 1),
        "plan": plan_json(plan) if plan else None,
    }


def release_json(release: Release) -> dict[str, Json]:
    """The release: what, where, why; times are ISO 8601 in UTC."""
    commit = release.commit
    return {
        "id": release.id,
        "project": release.project,
        "env": release.environment,
        "kind": release.kind.value,
        "at": release.at.isoformat(),
        "commit": {
            "sha": commit.sha,
            "tag": commit.tag,
            "branch": commit.branch,
            "author": commit.author,
            "subject": commit.subject,
            "at": commit.at.isoformat() if commit.at else None,
            "dirty": bool(commit.dirty),
        },
        "images": {
            service: {"ref": image.ref, "digest": image.digest, "built_from": image.built_from}
            for service, image in release.images.items()
        },
        "reason": release.reason,
        "actor": release.actor,
        "returns_to": release.returns_to,
        "pins": texts_json(release.pins),
    }


def wave_json(wave: Wave) -> dict[str, Json]:
    """`{name, phase, changes}`."""
    changes: list[Json] = [change_json(change) for change in wave.changes]
    return {"name": wave.name, "phase": wave.phase.value, "changes": changes}


def change_json(change: Change) -> dict[str, Json]:
    """`{step, key, before, after, summary, seconds}`."""
    return {
        "step": change.step,
        "key": change.key,
        "before": texts_json(change.before),
        "after": texts_json(change.after),
        "summary": change.summary,
        "seconds": change.seconds,
    }


def progress_json(progress: Progress) -> dict[str, Json]:
    """What a look found beside its state, note and counts: `{evidence, hint, facts}`."""
    return {
        "evidence": list(progress.evidence),
        "hint": progress.hint,
        "facts": texts_json(progress.facts),
    }


def error_json(error: DeployError) -> dict[str, Json]:
    """`{error, message, hint, exit_code}`: what a command prints when it refuses."""
    return {
        "error": type(error).__name__,
        "message": str(error),
        "hint": error.hint,
        "exit_code": int(error.exit),
    }


def texts_json(texts: Mapping[str, str]) -> dict[str, Json]:
    """Flat strings, in their order."""
    return dict(texts)
