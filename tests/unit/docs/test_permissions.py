"""The policy in the docs allows what the code calls, and nothing that it does not."""

import ast
import json
import re
from collections.abc import Iterator

import botocore.session
from botocore import xform_name

from tests.unit.docs.markdown import ROOT, Page

PAGE = Page(path=ROOT / "docs/permissions.md")
SERVICES = {
    "ecs": "ecs",
    "ecr": "ecr",
    "cloudfront": "cloudfront",
    "logs": "logs",
    "elbv2": "elasticloadbalancing",
    "cloudformation": "cloudformation",
    "sts": "sts",
}
OF_THE_REGISTRY = {
    *("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"),
    *("ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"),
}
"""What ECR asks for behind the registry's HTTP API, as its documentation on pushing lists it."""
BY_THE_WAY = {"ecs:TagResource", "iam:PassRole"}
"""Asked for by RegisterTaskDefinition and RunTask, because of tags and roles in the request."""


def called() -> Iterator[str]:
    """The actions behind every method of a boto3 client that the adapters call."""
    session = botocore.session.get_session()
    actions = {
        xform_name(operation): f"{prefix}:{operation}"
        for service, prefix in SERVICES.items()
        for operation in session.get_service_model(service).operation_names
    }
    for module in (ROOT / "deployctl/adapters/aws").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in actions:
                yield actions[node.attr]


def test_what_is_called_is_named_and_what_is_named_is_called() -> None:
    named = set(re.findall(r"\b(?:[a-z]+):[A-Z]\w+", PAGE.text)) - {"iam:PassedToService"}
    assert named == set(called()) | OF_THE_REGISTRY | BY_THE_WAY


def test_the_policy_is_json_of_the_right_version() -> None:
    (block,) = PAGE.blocks("json")
    policy = json.loads(block)
    assert policy["Version"] == "2012-10-17"
    assert len({statement["Sid"] for statement in policy["Statement"]}) == 4
