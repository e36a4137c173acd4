"""Asks every preflight rule and refuses with all the failures at once."""

from collections.abc import Iterable, Sequence

from deployctl.checks.finding import Finding, Level, Rule, fail
from deployctl.model.errors import CheckFailed, DeployError


def ask(rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """Every finding in the order of the rules; equal ones (one lost login) are told once.

    A rule that cannot be answered has failed: what is not known to be good is not good.
    """
    return tuple(dict.fromkeys(_asked(rule) for rule in rules))


def refuse(findings: Sequence[Finding]) -> None:
    """Raise CheckFailed when any has failed, naming all failures and all cures."""
    failed = [finding for finding in findings if finding.level is Level.FAIL]
    if not failed:
        return
    if len(failed) == 1:
        raise CheckFailed(failed[0].what, hint=failed[0].cure)
    lines = [f"{number}. {finding.what}" for number, finding in enumerate(failed, start=1)]
    cures = [f"{number}. {finding.cure}" for number, finding in enumerate(failed, start=1)]
    raise CheckFailed("\n".join([f"{len(failed)} checks failed:", *lines]), hint="\n".join(cures))


def run(rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """Ask, refuse if anything failed, else return the findings (the warnings are to be told)."""
    findings = ask(rules)
    refuse(findings)
    return findings


def _asked(rule: Rule) -> Finding:
    try:
        return rule()
    except DeployError as error:
        return fail(str(error), error.hint)
