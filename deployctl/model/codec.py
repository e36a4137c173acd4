"""Releases, plans and looks as JSON for the journal, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from deployctl.model.change import Change, Progress, State
from deployctl.model.plan import Phase, Plan, Wave
from deployctl.model.record import Json
from deployctl.model.release import Commit, Image, Kind, Release

Body = Mapping[str, Json]


def written(fact: Release | Plan | Change | Progress) -> dict[str, Json]:
    """A frozen fact as JSON: times in ISO 8601, enums by value, tuples as lists."""
    return cast("dict[str, Json]", _plain(asdict(fact)))


def read_release(body: Body) -> Release:
    """The release that `written` wrote."""
    raw = cast("dict[str, Any]", body)
    return Release(
        **{
            **raw,
            "commit": _commit(raw["commit"]),
            "images": {name: Image(**image) for name, image in raw["images"].items()},
            "at": datetime.fromisoformat(raw["at"]),
            "kind": Kind(raw["kind"]),
        }
    )


def read_plan(body: Body) -> Plan:
    """The plan that `written` wrote."""
    raw = cast("dict[str, Any]", body)
    return Plan(
        release=read_release(raw["release"]),
        waves=tuple(
            Wave(
                name=wave["name"],
                phase=Phase(wave["phase"]),
                changes=tuple(Change(**change) for change in wave["changes"]),
            )
            for wave in raw["waves"]
        ),
        kept=tuple(Change(**change) for change in raw["kept"]),
    )


def read_change(body: Body) -> Change:
    """The change that `written` wrote."""
    return Change(**cast("dict[str, Any]", body))


def read_progress(body: Body) -> Progress:
    """The look that `written` wrote."""
    raw = cast("dict[str, Any]", body)
    return Progress(
        **{**raw, "state": State(raw["state"]), "evidence": tuple(raw["evidence"])},
    )


def _commit(raw: dict[str, Any]) -> Commit:
    at = raw["at"]
    return Commit(**{**raw, "at": datetime.fromisoformat(at) if at else None})


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
