"""Outputs of CloudFormation stacks, for the places in deployctl.yaml that name them."""

from typing import TYPE_CHECKING

from deployctl.adapters.aws.clients import Clients, code_of, translated
from deployctl.model.errors import ConfigWrong, Refused

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


class Stacks:
    """Reads outputs, one DescribeStacks a stack."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._read: dict[str, dict[str, str]] = {}

    def output(self, stack: str, name: str) -> str:
        """The value of an output. Raises ConfigWrong when the stack has none of that name."""
        if stack not in self._read:
            client: CloudFormationClient = self._clients.client("cloudformation")
            found = self._described(client, stack)
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

    def _described(self, client: "CloudFormationClient", stack: str) -> list["StackTypeDef"]:
        try:
            with translated(f"read the outputs of the stack {stack}"):
                return client.describe_stacks(StackName=stack)["Stacks"]
        except Refused as error:
            if code_of(error) != "ValidationError":
                raise
            raise ConfigWrong(
                f"there is no stack {stack} in region {self._clients.region}",
                hint="Check `region:` and `account:` of the environment, and the stack's name.",
            ) from error
