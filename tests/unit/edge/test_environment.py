"""Where we run is read from the environment once, and believed only as far as a label goes."""

import io
from pathlib import Path

import pytest

from deployctl.adapters.environment import (
    Host,
    Surroundings,
    process_environment,
    surroundings,
)

SHA = "3f9c1ab" + "0" * 33
BITBUCKET = {
    "CI": "true",
    "BITBUCKET_BUILD_NUMBER": "42",
    "BITBUCKET_REPO_FULL_NAME": "acme/shop",
    "BITBUCKET_REPO_UUID": "{r}",
    "BITBUCKET_STEP_UUID": "{s}",
    "BITBUCKET_STEP_TRIGGERER_UUID": "{u}",
    "BITBUCKET_COMMIT": SHA,
    "BITBUCKET_BRANCH": "main",
    "BITBUCKET_DEPLOYMENT_ENVIRONMENT": "production",
}
CODEBUILD = {
    "CODEBUILD_BUILD_ID": "shop:1-2",
    "CODEBUILD_BUILD_ARN": "arn:aws:codebuild:eu-west-1:111111111111:build/shop:1-2",
    "CODEBUILD_INITIATOR": "codepipeline/shop",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": SHA,
    "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main",
    "AWS_REGION": "eu-west-1",
    "DEPLOY_ENV": "staging",
}
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_RUN_ID": "7",
    "GITHUB_ACTOR": "ada",
    "GITHUB_SHA": SHA,
    "GITHUB_REF_NAME": "main",
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def read(**env: str) -> Surroundings:
    return surroundings({"HOME": "/home/ada", "USER": "ada", **env}, io.StringIO())


def test_a_laptop_is_no_ci() -> None:
    seen = read()
    assert (seen.host, seen.is_ci) == (Host.NONE, False)
    assert seen.actor == seen.owner == f"ada@{seen.machine}"
    assert (seen.commit, seen.branch, seen.run_url, seen.environment) == ("", "", "", "")


def test_bitbucket_names_the_step() -> None:
    seen = read(**BITBUCKET)
    assert seen.host is Host.BITBUCKET
    assert seen.run_url == "https://bitbucket.org/acme/shop/pipelines/results/42/steps/%7Bs%7D"
    assert seen.owner == "bitbucket:{r}:42:{s}"
    assert (seen.actor, seen.commit, seen.branch) == ("{u}", SHA, "main")
    assert (seen.environment, seen.is_ci) == ("production", True)


def test_rare_variables_are_not_demanded_of_bitbucket() -> None:
    seen = read(BITBUCKET_BUILD_NUMBER="42")
    assert (seen.owner, seen.run_url) == ("bitbucket:42", "")
    assert seen.actor.startswith("ada@")
    whole = read(BITBUCKET_BUILD_NUMBER="42", BITBUCKET_REPO_FULL_NAME="acme/shop")
    assert whole.run_url == "https://bitbucket.org/acme/shop/pipelines/results/42"


def test_codebuild_names_the_build() -> None:
    seen = read(**CODEBUILD)
    assert seen.run_url == (
        "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/111111111111"
        "/projects/shop/build/shop%3A1-2?region=eu-west-1"
    )
    assert (seen.owner, seen.actor) == ("codebuild:shop:1-2", "codepipeline/shop")
    assert (seen.commit, seen.branch, seen.environment) == (SHA, "main", "staging")


def test_an_s3_address_is_no_commit() -> None:
    version = "arn:aws:s3:::bucket/source.zip"
    seen = read(CODEBUILD_BUILD_ID="shop:1", CODEBUILD_RESOLVED_SOURCE_VERSION=version)
    assert (seen.commit, seen.run_url) == ("", "")


def test_github_names_the_run() -> None:
    seen = read(**GITHUB)
    assert seen.run_url == "https://github.com/acme/shop/actions/runs/7"
    assert (seen.owner, seen.actor) == ("github:acme/shop:7", "ada")
    assert (seen.commit, seen.branch) == (SHA, "main")
    assert read(**GITHUB, GITHUB_REF_TYPE="tag").branch == ""
    assert read(GITHUB_ACTIONS="true").run_url == ""


@pytest.mark.parametrize(
    ("env", "host"),
    [
        ({"CI": "1"}, Host.OTHER),
        ({"CI": "false"}, Host.NONE),
        ({**CODEBUILD, **BITBUCKET}, Host.BITBUCKET),
        ({**BITBUCKET, "DEPLOYCTL_CI": "none"}, Host.NONE),
        ({"DEPLOYCTL_CI": "CodeBuild"}, Host.CODEBUILD),
        ({"DEPLOYCTL_CI": "nonsense"}, Host.NONE),
    ],
)
def test_the_host_is_found_and_may_be_said(env: dict[str, str], host: Host) -> None:
    assert read(**env).host is host


def test_what_is_said_to_us_wins_over_what_the_ci_claims() -> None:
    seen = read(**BITBUCKET, DEPLOYCTL_COMMIT="abc1234", DEPLOYCTL_BRANCH="hotfix")
    assert (seen.commit, seen.branch) == ("abc1234", "hotfix")


def test_claims_are_stripped_of_control_characters() -> None:
    seen = read(**{**BITBUCKET, "BITBUCKET_BRANCH": "x\x1b[2J\ny", "USER": "a\x07da"})
    assert (seen.branch, seen.user) == ("x y", "ada")


@pytest.mark.parametrize(
    ("env", "terminal", "is_terminal", "colour"),
    [
        ({}, Terminal(), True, True),
        ({"NO_COLOR": "1"}, Terminal(), True, False),
        ({"TERM": "dumb"}, Terminal(), False, False),
        ({}, io.StringIO(), False, False),
        (BITBUCKET, io.StringIO(), False, True),
        (CODEBUILD, io.StringIO(), False, False),
    ],
)
def test_a_terminal_and_its_colours(
    env: dict[str, str], terminal: io.StringIO, is_terminal: bool, colour: bool
) -> None:
    seen = surroundings({"HOME": "/h", "USER": "ada", **env}, terminal)
    assert (seen.is_terminal, seen.wants_colour) == (is_terminal, colour)


def test_a_closed_stream_is_no_terminal() -> None:
    closed = io.StringIO()
    closed.close()
    assert not surroundings({"HOME": "/h", "USER": "ada"}, closed).is_terminal


def test_folders_follow_the_xdg_rules() -> None:
    seen = read(XDG_CACHE_HOME="/cache", XDG_STATE_HOME="relative/is/ignored")
    assert seen.cache_home == Path("/cache")
    assert seen.state_home == Path("/home/ada/.local/state")
    assert seen.config_home == Path("/home/ada/.config")


def test_without_any_variable_there_is_still_a_user_and_a_home() -> None:
    seen = surroundings({}, io.StringIO())
    assert seen.user
    assert seen.state_home.is_absolute()


def test_the_process_itself_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITBUCKET_BUILD_NUMBER", "9")
    assert surroundings().host is Host.BITBUCKET
    copy = process_environment()
    copy["BITBUCKET_BUILD_NUMBER"] = "10"
    assert process_environment()["BITBUCKET_BUILD_NUMBER"] == "9"
