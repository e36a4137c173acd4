"""The one place that reads the process environment: who runs us, where, and on what terminal."""

import getpass
import os
import re
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TextIO
from urllib.parse import quote

from deployctl.model.text import one_line

_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MOST: Final = 200


class Host(StrEnum):
    """The CI host that runs us. NONE is a person's machine, OTHER a CI we know no more of."""

    BITBUCKET = "bitbucket"
    CODEBUILD = "codebuild"
    GITHUB = "github"
    OTHER = "ci"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Facts about the run. What CI variables claim is for labels, never an authority.

    `commit` is DEPLOYCTL_COMMIT as it was given, else the full sha the CI names, else "".
    `actor` is who started the run, `user@machine` by hand.
    `owner` names this run for the lease; the process id is added by whoever takes it. `sandbox` is
    the folder of a sandbox that is not the default one (DEPLOYCTL_SANDBOX).
    """

    host: Host
    run_url: str
    run: str
    actor: str
    commit: str
    branch: str
    environment: str
    user: str
    machine: str
    is_terminal: bool
    wants_colour: bool
    state_home: Path
    cache_home: Path
    config_home: Path
    sandbox: Path | None = None

    @property
    def is_ci(self) -> bool:
        """Whether no person sits in front of it."""
        return self.host is not Host.NONE

    @property
    def owner(self) -> str:
        """Who holds the lease, for people to read."""
        return f"{self.host.value}:{self.run}" if self.run else f"{self.user}@{self.machine}"


def surroundings(
    environ: Mapping[str, str] | None = None, terminal: TextIO | None = None
) -> Surroundings:
    """Read everything once; `environ` and `terminal` (stderr) are the process's own by default."""
    env = os.environ if environ is None else environ
    host = _host(env)
    claim = _CLAIMS[host](env)
    is_terminal = _is_terminal(sys.stderr if terminal is None else terminal, env)
    user, machine = _user(env), socket.gethostname()
    return Surroundings(
        host=host,
        run_url=one_line(claim.url, most=500),
        run=one_line(claim.run, most=_MOST),
        actor=one_line(claim.actor, most=_MOST) or f"{user}@{machine}",
        commit=_commit(env, claim),
        branch=one_line(env.get("DEPLOYCTL_BRANCH", "") or claim.branch, most=_MOST),
        environment=one_line(claim.environment, most=_MOST),
        user=user,
        machine=machine,
        is_terminal=is_terminal,
        wants_colour=_wants_colour(env, host, is_terminal=is_terminal),
        state_home=_home(env, "XDG_STATE_HOME", ".local/state"),
        cache_home=_home(env, "XDG_CACHE_HOME", ".cache"),
        config_home=_home(env, "XDG_CONFIG_HOME", ".config"),
        sandbox=Path(env["DEPLOYCTL_SANDBOX"]) if env.get("DEPLOYCTL_SANDBOX") else None,
    )


def process_environment() -> dict[str, str]:
    """A copy of the whole environment, for whoever starts programs (and filters it)."""
    return dict(os.environ)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    run: str = ""
    url: str = ""
    actor: str = ""
    commit: str = ""
    branch: str = ""
    environment: str = ""


def _host(env: Mapping[str, str]) -> Host:
    said = env.get("DEPLOYCTL_CI", "").lower()
    if said in set(Host):
        return Host(said)
    # first Bitbucket: its self-hosted runners can live inside CodeBuild
    if env.get("BITBUCKET_BUILD_NUMBER"):
        return Host.BITBUCKET
    if env.get("CODEBUILD_BUILD_ID"):
        return Host.CODEBUILD
    if env.get("GITHUB_ACTIONS", "").lower() == "true":
        return Host.GITHUB
    return Host.OTHER if env.get("CI", "").lower() in {"1", "true"} else Host.NONE


def _bitbucket(env: Mapping[str, str]) -> _Claim:
    number, step = env.get("BITBUCKET_BUILD_NUMBER", ""), env.get("BITBUCKET_STEP_UUID", "")
    repository = env.get("BITBUCKET_REPO_FULL_NAME", "")
    url = f"https://bitbucket.org/{repository}/pipelines/results/{number}" if repository else ""
    return _Claim(
        run=":".join(part for part in (env.get("BITBUCKET_REPO_UUID", ""), number, step) if part),
        url=f"{url}/steps/{quote(step, safe='')}" if url and step else url,
        actor=env.get("BITBUCKET_STEP_TRIGGERER_UUID", ""),
        commit=env.get("BITBUCKET_COMMIT", ""),
        branch=env.get("BITBUCKET_BRANCH", ""),
        environment=env.get("BITBUCKET_DEPLOYMENT_ENVIRONMENT", ""),
    )


def _codebuild(env: Mapping[str, str]) -> _Claim:
    build, region = env.get("CODEBUILD_BUILD_ID", ""), env.get("AWS_REGION", "")
    arn = env.get("CODEBUILD_BUILD_ARN", "").split(":")
    project, account = build.partition(":")[0], arn[4] if len(arn) > 4 else ""  # noqa: PLR2004 - arn:aws:codebuild:region:ACCOUNT
    console = f"https://{region}.console.aws.amazon.com/codesuite/codebuild/{account}"
    url = f"{console}/projects/{project}/build/{quote(build, safe='')}?region={region}"
    return _Claim(
        run=build,
        url=url if region and account else env.get("CODEBUILD_PUBLIC_BUILD_URL", ""),
        actor=env.get("CODEBUILD_INITIATOR", ""),
        commit=env.get("CODEBUILD_RESOLVED_SOURCE_VERSION", ""),
        branch=env.get("CODEBUILD_WEBHOOK_HEAD_REF", "").removeprefix("refs/heads/"),
        environment=env.get("DEPLOY_ENV", ""),
    )


def _github(env: Mapping[str, str]) -> _Claim:
    repository, run = env.get("GITHUB_REPOSITORY", ""), env.get("GITHUB_RUN_ID", "")
    server = env.get("GITHUB_SERVER_URL", "https://github.com")
    is_branch = env.get("GITHUB_REF_TYPE", "branch") == "branch"
    return _Claim(
        run=":".join(part for part in (repository, run) if part),
        url=f"{server}/{repository}/actions/runs/{run}" if repository and run else "",
        actor=env.get("GITHUB_ACTOR", ""),
        commit=env.get("GITHUB_SHA", ""),
        branch=env.get("GITHUB_REF_NAME", "") if is_branch else "",
    )


def _nothing(env: Mapping[str, str]) -> _Claim:
    return _Claim()


_CLAIMS: Final = {
    Host.BITBUCKET: _bitbucket,
    Host.CODEBUILD: _codebuild,
    Host.GITHUB: _github,
    Host.OTHER: _nothing,
    Host.NONE: _nothing,
}


def _commit(env: Mapping[str, str], claim: _Claim) -> str:
    said = env.get("DEPLOYCTL_COMMIT", "").strip()
    # CodePipeline puts an S3 address where a commit is expected: of a CI only a sha counts
    claimed = claim.commit if _SHA.fullmatch(claim.commit) else ""
    return one_line(said, most=_MOST) or claimed


def _is_terminal(stream: TextIO, env: Mapping[str, str]) -> bool:
    try:
        return stream.isatty() and env.get("TERM", "") != "dumb"
    except (ValueError, AttributeError):
        # closed, or replaced by something that is no stream
        return False


def _wants_colour(env: Mapping[str, str], host: Host, *, is_terminal: bool) -> bool:
    if env.get("NO_COLOR"):
        return False
    # Bitbucket renders colours in its log; CloudWatch shows the raw escapes
    return is_terminal or host in {Host.BITBUCKET, Host.GITHUB}


def _user(env: Mapping[str, str]) -> str:
    named = env.get("LOGNAME") or env.get("USER")
    if named:
        return one_line(named, most=_MOST)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid{os.getuid()}"


def _home(env: Mapping[str, str], name: str, otherwise: str) -> Path:
    said = Path(env.get(name, ""))
    # the XDG rules: a relative path there is to be ignored
    if said.is_absolute():
        return said
    home = Path(env["HOME"]) if env.get("HOME") else Path.home()
    return home / otherwise
