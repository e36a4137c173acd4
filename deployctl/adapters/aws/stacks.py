"""Outputs of CloudFormation stacks, for the places in deployctl.yaml that name them."""

from typing import TYPE_CHECKING

from deployctl.adapters.aws.clients import Clients, translated
from deployctl.model.errors import ConfigWrong

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


class Stacks:
    """Reads outputs, one DescribeStacks a stack."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._read: dict[str, dict[str, str]] = {}

    def output(self, stack: str, name: str) -> str:
        """The value of an output. Raises ConfigWrong when the stack has none of that name."""
        if stack not in self._read:
            client: CloudFormationClient = self._clients.client("cloudformation")
            with translated(f"read the outputs of the stack {stack}"):
                found = client.describe_stacks(StackName=stack)["Stacks"]
            self._read[stack] = {
                output.get("OutputKey", ""): output.get("OutputValue", "")
                for output in (found[0].get("Outputs", []) if found else [])
            }
        outputs = self._read[stack]
        if name not in outputs:
            raise ConfigWrong(
                f"the stack {stack} has no output {name}",
                hint=f"It has: {', '.join(sorted(outputs)) or 'none'}.",
            )
        return outputs[name]
