"""Are we in the right account, at the right time?"""

from typing import Final

from deployctl.checks.finding import Finding, fail, ok, warn
from deployctl.ports.identity import Caller

_MOST_SKEW: Final = 60.0


def account_is(caller: Caller, account: str) -> Finding:
    """The account behind the credentials is the configured one ("" = nothing is demanded)."""
    if account and caller.account != account:
        return fail(
            f"these credentials are of account {caller.account} ({caller.arn}), "
            f"but the environment is in account {account}",
            "Use the profile or role of the right account, or correct `account:`.",
        )
    return ok(f"account {caller.account} as {caller.arn}")


def clock_is_right(caller: Caller) -> Finding:
    """Our clock is within a minute of the server's: signatures and journal times depend on it."""
    skew = caller.skew_seconds
    if skew is None:
        return warn("AWS did not say what time it is there", "Check the clock of this machine.")
    if abs(skew) > _MOST_SKEW:
        direction = "ahead of" if skew > 0 else "behind"
        return fail(
            f"the clock of this machine is {abs(skew):.0f} s {direction} AWS",
            "Set the clock (timedatectl set-ntp true), then try again.",
        )
    return ok(f"clock within {max(abs(skew), 1):.0f} s of AWS")
