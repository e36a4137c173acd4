"""A real shop for a test: a git repository, a sandbox of its own, and ways to look at both."""

import copy
import json
import subprocess
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from ruamel.yaml import YAML

from examples.shop.history import commit_overlay, git, make_history
from examples.shop.witness import Report, Witness
from tests.e2e.commandline import DEPLOYCTL, CommandLine, Ended, Running
from tests.e2e.waiting import until
from tests.unit.shop.stand import SHOP, Database

SERVICES = ("api", "web", "worker")
LEAST = 2_000
RATE = 150  # a third of what the sandbox carries on two cores: what fails then is the release


@dataclass(slots=True, kw_only=True)
class Seen:
    """A command that ran while `RATE` requests a second came in."""

    ended: Ended
    load: Report


@dataclass(kw_only=True)
class Shop:
    """The repository at `folder`, and the command line in it. `env` is where it releases to."""

    folder: Path
    commands: CommandLine
    env: str = "sandbox"
    marks: dict[str, str] = field(default_factory=dict)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """`sandbox status --json`."""
        answer: Mapping[str, Any] = self.commands.run("sandbox", "status", "--json").json()
        return answer

    @cached_property
    def url(self) -> str:
        """The load balancer."""
        return f"{self.facts['endpoint']}/_alb/shop"

    @cached_property
    def database(self) -> Database:
        """The shop's database."""
        return Database(str(self.facts["database_url"]))

    @cached_property
    def password(self) -> str:
        """The secret that nobody may ever see."""
        return self.database.url.split(":")[2].partition("@")[0]

    def aws(self, service: str) -> Any:
        """A client of the sandbox."""
        return boto3.client(
            service,  # type: ignore[call-overload] # any service, by name
            endpoint_url=str(self.facts["endpoint"]),
            region_name=str(self.facts["region"]),
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",
            config=Config(retries={"total_max_attempts": 1}),
        )

    # --- what a developer does ---------------------------------------------------------------

    def at(self, mark: str) -> str:
        """Check out a tag or commit; its sha."""
        git(self.folder, "checkout", "--quiet", "--force", mark)
        return git(self.folder, "rev-parse", "HEAD")

    def overlay(self, name: str, *, on: str) -> str:
        """Commit a version of the example (or take it when it is there) on top of another."""
        if not git(self.folder, "tag", "--list", name):
            self.at(on)
            commit_overlay(self.folder, name)
        return self.at(name)

    def edit(self, file: str, text: str, *, subject: str = "A small change") -> str:
        """Append to a file of the repository and commit; the sha."""
        path = self.folder / file
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text((path.read_text() if path.exists() else "") + text)
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--message", subject)
        return git(self.folder, "rev-parse", "HEAD")

    def repaint(self, service: str = "web") -> str:
        """Commit a change that makes a new image of one build, and nothing else."""
        package = {"web": "web/shop_web", "api": "api/shop_api"}[service]
        count = git(self.folder, "rev-list", "--count", "HEAD")
        return self.edit(f"{package}/__init__.py", f"\nPAINT = {count}\n", subject="Paint it")

    def config(self, name: str, change: Callable[[dict[str, Any]], None]) -> str:
        """The example's configuration with changes, in a file that git does not see."""
        tree = YAML(typ="safe").load((SHOP / "deployctl.yaml").read_text())
        change(tree)
        exclude = self.folder / ".git" / "info" / "exclude"
        exclude.write_text(exclude.read_text() + f"{name}.yaml\n")
        (self.folder / f"{name}.yaml").write_text(json.dumps(tree))  # JSON is YAML too
        return f"{name}.yaml"

    # --- what is asked of deployctl ----------------------------------------------------------

    def deployctl(self, command: str, *words: str, expect: int = 0, **variables: str) -> Ended:
        """A command for our environment, to its end."""
        words = (command, *words, "--env", self.env)
        return self.commands.run(*words, expect=expect, variables=variables)

    def start(self, *words: str, record: Path | None = None) -> Running:
        """A command that writes its events to stdout, on its way."""
        prefix = (DEPLOYCTL[0], "-m", "tests.e2e.recorded", str(record)) if record else DEPLOYCTL
        return self.commands.start(*words, "--env", self.env, "--output", "jsonl", prefix=prefix)

    def recorded(self, file: Path, *words: str, expect: int = 0) -> Ended:
        """A command whose every request is written down in `file`."""
        return self.start(*words, record=file).end(expect=expect)

    def status(self) -> Any:
        """`status --json`."""
        return self.deployctl("status", "--json").json()

    def history(self) -> list[Any]:
        """`history --json`, newest first."""
        releases: list[Any] = self.deployctl("history", "--json").json()["releases"]
        return releases

    def under_load(self, *words: str, expect: int = 0) -> Seen:
        """A command while visitors keep coming, at least two thousand requests."""
        witness = Witness(self.url, rate=RATE).start()
        try:
            ended = self.deployctl(*words, expect=expect)
            until(lambda: witness.asked() >= LEAST, "two thousand requests", seconds=120)
        finally:
            load = witness.stop()
        return Seen(ended=ended, load=load)

    # --- what is really so -------------------------------------------------------------------

    def revisions(self) -> dict[str, str]:
        """The task definition that each service runs, by the cluster's word."""
        names = [f"shop-{name}" for name in SERVICES]
        found = self.aws("ecs").describe_services(cluster="shop", services=names)["services"]
        return {
            one["serviceName"].removeprefix("shop-"): one["taskDefinition"].rpartition("/")[2]
            for one in found
        }

    def rollouts(self, service: str) -> list[str]:
        """The states of a service's deployments, by the cluster's word."""
        found = self.aws("ecs").describe_services(cluster="shop", services=[f"shop-{service}"])
        return [str(one["rolloutState"]) for one in found["services"][0]["deployments"]]

    def serving(self) -> tuple[str, str]:
        """The commits that /version of web and of api name."""
        return self._commit("/version"), self._commit("/api/version")

    def migrations_run(self) -> int:
        """How many one-off tasks the cluster knows: those that no service started."""
        ecs = self.aws("ecs")
        arns = [
            arn
            for state in ("RUNNING", "STOPPED")
            for arn in ecs.list_tasks(cluster="shop", desiredStatus=state)["taskArns"]
        ]
        tasks = ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"] if arns else []
        return sum(not one.get("group", "").startswith("service:") for one in tasks)

    def _commit(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return str(json.load(answer)["commit"])


def open_shop(folder: Path, *, backend: str = "processes", env: str = "sandbox") -> Shop:
    """Make the repository with v1, v2 and v3, and start a sandbox with the shop's stack."""
    repository = folder / "shop"
    make_history(repository)
    commands = CommandLine(folder=repository, state=folder / "state")
    shop = Shop(folder=repository, commands=commands, env=env)
    try:
        commands.run(
            *("sandbox", "up", "--backend", backend),
            *("--stack", "shop", "--template", str(SHOP / "infrastructure.yml")),
            *("--parameter", "ApiUrl={endpoint}/_alb/shop"),
        )
    except BaseException:
        close_shop(shop)
        raise
    return shop


def close_shop(shop: Shop) -> None:
    """End every process of it."""
    shop.commands.close()
    subprocess.run(
        [*DEPLOYCTL, "sandbox", "down"],
        cwd=shop.folder,
        env=shop.commands.variables(),
        check=True,
        capture_output=True,
    )


def keeps_its_secret(shop: Shop) -> None:
    """No command told the database's password (only `sandbox` shows it), and no journal has it."""
    for command in shop.commands.begun:
        told = any(shop.password in line for line in (*command.out, *command.err))
        assert not told or command.words[0] == "sandbox", command.words
    for journal in shop.commands.state.glob("**/*.db"):
        assert shop.password.encode() not in journal.read_bytes(), journal


def elsewhere(shop: Shop, **changes: str) -> Callable[[dict[str, Any]], None]:
    """A change of the configuration: environment `aws`, which reaches the sandbox as an account."""

    def add(tree: dict[str, Any]) -> None:
        own = copy.deepcopy(tree["environments"]["sandbox"])
        del own["sandbox"]
        place = {
            "account": "000000000000",
            "region": "us-east-1",
            "endpoint": str(shop.facts["endpoint"]),
            "registry": str(shop.facts["registry"]),
            "url": shop.url,
        }
        tree["environments"]["aws"] = {**own, **place, **changes}

    return add
