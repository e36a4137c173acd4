"""An identity that is what the test says."""

from dataclasses import dataclass

from deployctl.model.errors import DeployError
from deployctl.ports.identity import Caller

WE = Caller(account="111111111111", arn="arn:aws:iam::111111111111:role/release", skew_seconds=0.0)


@dataclass(kw_only=True)
class FakeIdentity:
    """Answers with `caller`, or raises `error`."""

    caller: Caller = WE
    error: DeployError | None = None

    def who(self) -> Caller:
        if self.error is not None:
            raise self.error
        return self.caller
