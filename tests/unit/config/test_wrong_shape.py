"""Values of the wrong kind, and what is said about them."""

import pytest

from tests.unit.config.good import Wrong, but, plus

WRONG = {
    "unknown section": Wrong(
        text=plus("servces: {}\n"),
        at="7:1",
        what="unknown key `servces`, the file has no such key",
        cure="Did you mean `services`?",
    ),
    "planned": Wrong(
        text=plus("notify: {}\n"),
        at="7:1",
        what="`notify` is not available in this version",
        cure="Delete the key.",
    ),
    "unknown key in service": Wrong(
        text=but("after: [api]", "aftr: [api]"),
        at="4:36",
        what="unknown key `aftr`, `services.web` has no such key",
        cure="Did you mean `after`?",
    ),
    "unknown key in environment": Wrong(
        text=but("region: eu-west-1", "regoin: eu-west-1"),
        at="6:38",
        what="unknown key `regoin`, `environments.staging` has no such key",
        cure="Did you mean `region`?",
    ),
    "account number": Wrong(
        text=but('"222222222222"', "222222222222"),
        at="6:22",
        what="`environments.staging.account` is not text, 222222222222 is a number",
        cure='Write it in quotes: "222222222222"',
    ),
    "account short": Wrong(
        text=but('"222222222222"', '"2222"'),
        at="6:22",
        what="`environments.staging.account` does not fit",
        cure="Write the 12 digits in quotes:",
    ),
    "both": Wrong(
        text=but("build: web, ", "build: web, image_of: api, "),
        at="4:3",
        what="`services.web` needs either `build` or `image_of`, it names both",
        cure="Write build: <folder>, or image_of: <another",
    ),
    "neither": Wrong(
        text=but("build: web, ", ""),
        at="4:3",
        what="`services.web` needs either `build` or `image_of`, it names neither",
        cure="Write build: <folder>, or image_of: <another",
    ),
    "ecs number": Wrong(
        text=but("shop-web", "1.10"),
        at="4:26",
        what="`services.web.ecs` is not text, 1.10 is a number",
        cure='Write it in quotes: "1.10"',
    ),
    "bool yes": Wrong(
        text=but('url: "https', 'sandbox: yes, url: "https'),
        at="6:81",
        what="`environments.staging.sandbox` is not true or false, yes is text",
        cure="Write true or false.",
    ),
    "duration": Wrong(
        text=but("after: [api]", "patience: 15"),
        at="4:46",
        what="`services.web.patience` is not a duration, 15 has no unit",
        cure="Write it like 90s, 5m or 1h30m.",
    ),
    "duration words": Wrong(
        text=but("after: [api]", "patience: 15 min"),
        at="4:46",
        what="`services.web.patience` is not a duration",
        cure="Write it like 90s, 5m or 1h30m.",
    ),
    "duration zero": Wrong(
        text=but("after: [api]", "patience: 0s"),
        at="4:46",
        what="`services.web.patience` is out of range",
        cure="Write it like 90s, 5m or 1h30m.",
    ),
    "strategy": Wrong(
        text=but("after: [api]", "strategy: canary"),
        at="4:46",
        what="the strategy `canary` is not available in this version",
        cure="Write rolling, or delete the key.",
    ),
    "desired": Wrong(
        text=but("after: [api]", "desired: many"),
        at="4:45",
        what="`services.web.desired` is neither `keep` nor a number of tasks",
        cure="Write keep, or like 3.",
    ),
    "cdn paths empty": Wrong(
        text=plus("cdn: {distribution: E1, paths: []}\n"),
        at="7:32",
        what="`cdn.paths` is empty, it must name at least one",
        cure="Write one, or delete it.",
    ),
    "cdn path": Wrong(
        text=plus("cdn: {distribution: E1, paths: [index.html]}\n"),
        at="7:32",
        what="`cdn.paths` cannot be invalidated, 'index.html' does not begin with /",
        cure="Correct the paths.",
    ),
    "cdn distribution": Wrong(
        text=plus("cdn: {distribution: https://x, paths: [/]}\n"),
        at="7:21",
        what="`cdn.distribution` does not fit, 'https://x' is not of the right form",
        cure="Write the distribution's id, like E1EXAMPLE.",
    ),
    "dynamodb": Wrong(
        text=plus("state: {backend: dynamodb}\n"),
        at="7:18",
        what="the state backend `dynamodb` is not available in this version",
        cure="Write sqlite, or delete the key.",
    ),
    "state": Wrong(
        text=plus("state: {backend: s3}\n"),
        at="7:18",
        what="`state.backend` has an unknown value, s3 is not one of: sqlite",
        cure="Write sqlite.",
    ),
    "version": Wrong(
        text=plus("version: 2\n"),
        at="7:10",
        what="`version` has an unknown value, 2 is not one of: 1",
        cure="Write 1.",
    ),
    "version text": Wrong(
        text=plus('version: "1"\n'),
        at="7:10",
        what="`version` is text, not a number",
        cure="Write 1 without quotes.",
    ),
    "x- service": Wrong(
        text=but("  api: {build", "  x-api: {build"),
        at="3:3",
        what="`services.x-api` begins with x-",
        cure="Choose another name.",
    ),
    "upper service": Wrong(
        text=but("  web: {build", "  Web: {build"),
        at="4:3",
        what="`services.Web` is not a usable name",
        cure="Use lower-case letters, digits, - and _, at",
    ),
    "null": Wrong(
        text=but("ecs: shop-web", "ecs:"),
        at="4:21",
        what="unknown key `ecs:`, `services.web` has no such key",
        cure="Did you mean `ecs`?",
    ),
    "services list": Wrong(
        text="project: shop\nservices: [api]\nenvironments: {a: {sandbox: true}}\n",
        at="2:11",
        what="`services` is not a mapping, it is a list",
        cure="Write a mapping.",
    ),
    "env list": Wrong(
        text="project: shop\nservices: {api: {build: a, ecs: b}}\nenvironments: [a]\n",
        at="3:1",
        what="`environments` is not a mapping of names",
        cure="Write: environments: {staging: {account:",
    ),
    "env null": Wrong(
        text="project: shop\nservices: {api: {build: a, ecs: b}}\nenvironments: {a: }\n",
        at="3:18",
        what="`environments.a` is empty, it must be a mapping",
        cure="Write a value, or delete the key.",
    ),
    "key number": Wrong(
        text=plus("1: x\n"),
        at="7:1",
        what="unknown key `1`, the file has no such key",
        cure="Known: version, project, state, builds,",
    ),
    "unquoted placeholder": Wrong(
        text=but("shop-web", "{env}"),
        at="4:21",
        what="`services.web.ecs` is not text, it is a mapping",
        cure="Write text.",
    ),
    "url": Wrong(
        text=but("https://shop.example", "shop.example"),
        at="6:77",
        what="`environments.staging.url` does not fit",
        cure="Write it like https://shop.example.",
    ),
    "region": Wrong(
        text=but("eu-west-1", "europe"),
        at="6:46",
        what="`environments.staging.region` does not fit",
        cure="Write it like eu-west-1.",
    ),
    "rollback": Wrong(
        text=plus("rollback: {auto: no, on_interrupt: maybe}\n"),
        at="7:18",
        what="`rollback.auto` is not true or false, no is text",
        cure="Write true or false.",
    ),
    "empty text": Wrong(
        text=but("ecs: shop-web", "ecs: ''"),
        at="4:26",
        what="`services.web.ecs` is empty",
        cure="Write a value, or delete the key.",
    ),
    "connect_to": Wrong(
        text=but('url: "https', 'connect_to: alb, url: "https'),
        at="6:84",
        what="`environments.staging.connect_to` does not fit",
        cure="Write it like my-alb.elb.amazonaws.com:443.",
    ),
    "environment name": Wrong(
        text=but("staging:", "Staging:"),
        at="6:3",
        what="`Staging` is not a usable name for an environment",
        cure="Use lower-case letters, digits, - and _; not",
    ),
    "role": Wrong(
        text=but('url: "https', 'role: x, url: "https'),
        at="6:72",
        what="`role` is not available in this version",
        cure="Delete the key.",
    ),
    "boolean desired": Wrong(
        text=but("after: [api]", "desired: true"),
        at="4:45",
        what="`services.web.desired` is neither `keep` nor a number of tasks",
        cure="Write keep, or like 3.",
    ),
    "deep shape": Wrong(
        text=but("after: [api]", "after: [[api]]"),
        at="4:44",
        what="`services.web.after[0]` is not text, it is a list",
        cure="Write text.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_the_wrong_kind_is_refused_with_place_and_cure(name: str) -> None:
    WRONG[name].is_complained_about()
