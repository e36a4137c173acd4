"""The page about exit codes: what each one means, and what to do next."""

from dataclasses import dataclass

from deployctl.model.exits import Exit
from deployctl.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One exit code for people: what is so when it comes, and the next command."""

    so: str
    next: str


MEANINGS = {
    Exit.OK: Meaning(
        so="Released and verified, or there was nothing to do. For other commands: done.",
        next="nothing",
    ),
    Exit.BUG: Meaning(
        so="A mistake in deployctl itself. What had begun is in the journal.",
        next="`deployctl status`; report it; then `deployctl resume` if a release is open",
    ),
    Exit.USAGE: Meaning(
        so="The command line makes no sense, or what it names does not exist. Nothing was touched.",
        next="`deployctl COMMAND --help`",
    ),
    Exit.CONFIG: Meaning(
        so="`deployctl.yaml` cannot be used, or (`resume`) it has changed since the release began. "
        "Nothing was touched.",
        next="`deployctl config check`",
    ),
    Exit.CHECK_FAILED: Meaning(
        so="Something that must be well before the first change is not, or AWS refused or did not "
        "answer. No service was touched; images may have been pushed.",
        next="do what `cure:` says, then the same command again",
    ),
    Exit.LEASE_HELD: Meaning(
        so="Another run, or a person (`lock hold`), holds the environment. Nothing was touched.",
        next="`deployctl lock status`; or the same command with `--wait 10m`",
    ),
    Exit.DENIED: Meaning(
        so="A person was asked and said no. Nothing was touched.", next="`deployctl plan`"
    ),
    Exit.CHANGES: Meaning(
        so="`plan --exit-code` only: a release would change something.", next="`deployctl release`"
    ),
    Exit.FAILED_CLEAN: Meaning(
        so="The release failed before anything that serves users had changed.",
        next="read the cause: `deployctl show ID`; correct it and release again",
    ),
    Exit.ROLLED_BACK: Meaning(
        so="The release failed and was taken back. The version from before serves, verified.",
        next="read the cause: `deployctl show ID`; correct it and release again",
    ),
    Exit.STUCK: Meaning(
        so="The release failed, and so did the way back. A person is needed now.",
        next="`deployctl status` says what runs where",
    ),
    Exit.PAUSED: Meaning(
        so="The release failed, `rollback.auto` is off, and a person decides.",
        next="`deployctl abort` takes it back, `deployctl resume` tries again",
    ),
    Exit.UNKNOWN: Meaning(
        so="Nobody can tell whether the last effect happened: no credentials any more, the lease "
        "or the journal lost, or AWS has forgotten it. Also: an earlier release is unfinished.",
        next="`deployctl resume`; if it asks, `deployctl resume --assume done|not-done --reason …`",
    ),
    Exit.SUPERSEDED: Meaning(
        so="The commit does not contain the one that is live: a newer release was there first.",
        next="release a newer commit, or `deployctl rollback`, or `--allow-downgrade`",
    ),
    Exit.GATE_FAILED: Meaning(
        so="`deployctl smoke`: a check of the live release failed. Nothing was changed.",
        next="`deployctl rollback`, if it is bad enough",
    ),
    Exit.LATE: Meaning(
        so="The time given with `--timeout` is over and the release still moves; or a migration "
        "runs longer than its `patience`. AWS goes on.",
        next="`deployctl resume`",
    ),
    Exit.INTERRUPTED: Meaning(
        so="Stopped with Ctrl-C. The journal is saved; AWS finishes what was started.",
        next="`deployctl resume` or `deployctl abort`",
    ),
    Exit.TERMINATED: Meaning(
        so="Stopped with SIGTERM or a closed terminal. The journal is saved.",
        next="`deployctl resume` or `deployctl abort`",
    ),
}

_HEAD = """\
# Exit codes

A public contract: pipelines may branch on these numbers, and they are never reused. Whatever is
not known to be good is a failure. Codes from 20 on belong to a release that had begun.

| code | name | what is so | next |
|---:|---|---|---|
"""

_VERDICTS = """
## Verdicts

Every run of a release ends with one of these words; `deployctl history` shows them. A verdict that
leaves the release open is continued with `deployctl resume` or taken back with `deployctl abort`;
until then no other release may begin in that environment.

| verdict | exit code | the release is |
|---|---:|---|
"""


def page() -> str:
    """The whole page as Markdown."""
    codes = (
        f"| {code.value} | {code.name.lower().replace('_', ' ')} | {meaning.so} | {meaning.next} |"
        for code, meaning in MEANINGS.items()
    )
    verdicts = (
        f"| {verdict.value} | {verdict.exit.value} | {'over' if verdict.closes else 'open'} |"
        for verdict in Verdict
    )
    return _HEAD + "\n".join(codes) + "\n" + _VERDICTS + "\n".join(verdicts) + "\n"
