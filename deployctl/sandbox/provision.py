"""Makes the infrastructure of a template in the sandbox, as an account would have it already."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deployctl.adapters.aws.clients import Clients, code_of, translated
from deployctl.model.errors import CheckFailed, Refused
from deployctl.sandbox.aws import clients_at
from deployctl.sandbox.facts import Sandbox
from deployctl.sandbox.patience import until
from deployctl.sandbox.services_up import await_services

_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_NOTHING_NEW = "No updates are to be performed"

Say = Callable[[str], None]


def provision(
    sandbox: Sandbox,
    template: Path,
    parameters: Mapping[str, str] | None = None,
    *,
    stack: str = "",
    patience: float = 60,
    say: Say = lambda _: None,
) -> dict[str, str]:
    """Create (or update) a CloudFormation stack and return its outputs.

    `stack` is its name, else that of the file. The template's parameters PlaceholderImage,
    DatabaseUrl and Sandbox are filled in when it declares them and `parameters` does not; in
    values given, `{endpoint}` becomes the sandbox's address as tasks reach it. Comes back when
    every ECS service of the stack runs all its tasks; `patience` is in seconds, for each of the
    two waits. Raises CheckFailed or Refused with the cause: the failed resource, or why a task
    stopped.
    """
    name = stack or template.stem
    body = _read(template)
    aws = clients_at(sandbox.port)
    given = {
        name: value.replace("{endpoint}", sandbox.task_endpoint)
        for name, value in (parameters or {}).items()
    }
    values = _filled(aws, body, sandbox) | given
    say(f"Making the stack {name} from {template}.")
    _submit(aws, name, body, values)
    outputs = _complete(aws, name, patience)
    await_services(aws, _services(aws, name), patience=patience)
    return outputs


def _read(template: Path) -> str:
    try:
        return template.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CheckFailed(
            f"the template {template} cannot be read: {error}", hint="Check its path."
        ) from error


def _filled(aws: Clients, body: str, sandbox: Sandbox) -> dict[str, str]:
    """Our answers to the parameters the template declares."""
    with translated("read the template"):
        answer = aws.client("cloudformation").validate_template(TemplateBody=body)
    ours = {
        "PlaceholderImage": sandbox.placeholder_image,
        "DatabaseUrl": sandbox.task_database_url,
        "Sandbox": "true",
    }
    declared = {str(one["ParameterKey"]) for one in answer.get("Parameters", [])}
    return {name: value for name, value in ours.items() if name in declared and value}


def _submit(aws: Clients, name: str, body: str, values: Mapping[str, str]) -> None:
    cloudformation = aws.client("cloudformation")
    request = {
        "StackName": name,
        "TemplateBody": body,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in values.items()
        ],
        "Capabilities": _CAPABILITIES,
    }
    try:
        with translated(f"make the stack {name}"):
            cloudformation.create_stack(**request)
    except Refused as refusal:
        if code_of(refusal) != "AlreadyExistsException":
            raise
        _update(aws, name, request)


def _update(aws: Clients, name: str, request: Mapping[str, Any]) -> None:
    try:
        with translated(f"update the stack {name}"):
            aws.client("cloudformation").update_stack(**request)
    except Refused as refusal:
        if _NOTHING_NEW not in str(refusal):
            raise


def _complete(aws: Clients, name: str, patience: float) -> dict[str, str]:
    """Wait for the stack and return its outputs."""
    seen: dict[str, Any] = {}

    def settled() -> bool:
        with translated(f"look at the stack {name}"):
            answer = aws.client("cloudformation").describe_stacks(StackName=name)
        seen.update(answer["Stacks"][0])
        return not str(seen["StackStatus"]).endswith("_IN_PROGRESS")

    if not until(settled, seconds=patience, pause=0.1):
        raise CheckFailed(
            f"the stack {name} is still {seen['StackStatus']} after {patience:g} s",
            hint="deployctl sandbox status; the log of ministack tells more.",
        )
    if seen["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise CheckFailed(
            f"the stack {name} ended as {seen['StackStatus']}: {_why(aws, name)}",
            hint="Correct the template; only `deployctl sandbox down` removes the failed stack.",
        )
    return {str(one["OutputKey"]): str(one["OutputValue"]) for one in seen.get("Outputs", [])}


def _why(aws: Clients, name: str) -> str:
    """The first resource that failed, and its reason."""
    with translated(f"read the events of the stack {name}"):
        answer = aws.client("cloudformation").describe_stack_events(StackName=name)
    failed = [
        f"{event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason', 'no reason given')}"
        for event in answer["StackEvents"]
        if str(event["ResourceStatus"]).endswith("_FAILED")
    ]
    return failed[-1] if failed else "no resource says why"


def _services(aws: Clients, name: str) -> list[str]:
    """The ARNs of the stack's ECS services."""
    with translated(f"list the resources of the stack {name}"):
        answer = aws.client("cloudformation").describe_stack_resources(StackName=name)
    return [
        str(one["PhysicalResourceId"])
        for one in answer["StackResources"]
        if one["ResourceType"] == "AWS::ECS::Service"
    ]
