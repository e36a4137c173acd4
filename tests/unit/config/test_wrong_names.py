"""Names and places that lead nowhere, and what is said about them."""

import pytest

from tests.unit.config.good import Wrong, but, plus

WRONG = {
    "no project": Wrong(
        text=but("project: shop\n", ""),
        at="1:1",
        what="there is no `project`, repositories and records are named after it",
        cure="Write: project: shop",
    ),
    "no environments": Wrong(
        text="project: shop\nservices:\n  api: {build: api, ecs: shop-api}\n",
        at="1:1",
        what="there is no `environments`, a release needs a place to go to",
        cure="Write: environments: {staging: {account:",
    ),
    "no services": Wrong(
        text="project: shop\nenvironments:\n  s: {sandbox: true}\n",
        at="1:1",
        what="there is no `services`, without services there is nothing to release",
        cure="Write: services: {api: {build: api, ecs:",
    ),
    "account lacks": Wrong(
        text=but('account: "222222222222", ', ""),
        at="6:3",
        what="`environments.staging` has no `account`, nothing is guessed",
        cure='Write: account: "222222222222"',
    ),
    "after unknown": Wrong(
        text=but("[api]", "[apii]"),
        at="4:44",
        what="`services.web.after` names no service: `apii`",
        cure="Did you mean `api`?",
    ),
    "cycle": Wrong(
        text=but(
            "api: {build: api, ecs: shop-api}", "api: {build: api, ecs: shop-api, after: [web]}"
        ),
        at="3:36",
        what="`after` goes round in a circle: api after web after api",
        cure="Take one of them out.",
    ),
    "self": Wrong(
        text=but("after: [api]", "after: [web]"),
        at="4:36",
        what="`after` goes round in a circle: web after web, no order satisfies it",
        cure="Take one of them out.",
    ),
    "after text": Wrong(
        text=but("after: [api]", "after: api"),
        at="4:43",
        what="`services.web.after` is text, not a list",
        cure='Write ["api"].',
    ),
    "image_of unknown": Wrong(
        text=but("build: web, ", "image_of: apo, "),
        at="4:19",
        what="`services.web.image_of` names no service: `apo`",
        cure="Did you mean `api`?",
    ),
    "image_of chain": Wrong(
        text=but("build: web, ", "image_of: web, "),
        at="4:19",
        what="`services.web.image_of` names a service without its own image",
        cure="Name the service that has `build`.",
    ),
    "no ecs": Wrong(
        text=but(", ecs: shop-web", ""),
        at="4:3",
        what="`services.web` has no `ecs`",
        cure="Write: ecs: shop-api",
    ),
    "sandbox with account": Wrong(
        text=but('url: "https', 'sandbox: true, url: "https'),
        at="6:13",
        what="a sandbox environment has no `account`",
        cure="Delete the key.",
    ),
    "migration service": Wrong(
        text=plus("migrations: {shop: {service: apj, preset: alembic}}\n"),
        at="7:30",
        what="`migrations.shop.service` names no service: `apj`",
        cure="Did you mean `api`?",
    ),
    "unused build": Wrong(
        text=plus("builds: {apx: {context: apx}}\n"),
        at="7:10",
        what="no service uses the build `apx`, it would never be built",
        cure="Delete it, or write build: apx",
    ),
    "build typo": Wrong(
        text=but("build: api,", "build: app,")
        + "builds: {ap: {context: x}, web: {context: web}}\n",
        at="3:16",
        what="`services.api.build` is neither a build nor a folder: `app`",
        cure="Did you mean `ap`?",
    ),
    "cdn no distribution": Wrong(
        text=plus("cdn: {paths: [/]}\n"),
        at="7:1",
        what="`cdn` has no `distribution` in staging, it is the one whose cache is emptied",
        cure="Write: distribution: E1EXAMPLE",
    ),
    "smoke service": Wrong(
        text=plus("smoke: [{get: /, service: wep}]\n"),
        at="7:27",
        what="`smoke[0].service` names no service: `wep`",
        cure="Did you mean `web`?",
    ),
    "smoke no url": Wrong(
        text=but(', url: "https://shop.example"', "") + "smoke: [{get: /}]\n",
        at="6:3",
        what="`environments.staging` has no `url`, the smoke checks need it",
        cure="Write: url: https://shop.example",
    ),
    "placeholder": Wrong(
        text=but("shop-web", "shop-$evn"),
        at="4:26",
        what="unknown placeholder `$evn`",
        cure="Write `$$evn` if a dollar sign is meant.",
    ),
    "placeholder sha": Wrong(
        text=but("shop-web", "shop-$git_sha"),
        at="4:26",
        what="`$git_sha` cannot stand here",
        cure="Write the value.",
    ),
    "stack output where none can be": Wrong(
        text=but("shop-web", '"${stack:shop.Web}"'),
        at="4:26",
        what="`${stack:shop.Web}` cannot stand here, only an environment's cluster",
        cure="Write the value itself.",
    ),
    "stack without output": Wrong(
        text=but("cluster: shop", 'cluster: "${stack:shop}"'),
        at="6:66",
        what="`${stack:shop}` is not a stack's output",
        cure="Write it like ${stack:shop.AlbDns}.",
    ),
    "parameter store": Wrong(
        text=but("cluster: shop", 'cluster: "${ssm:/shop}"'),
        at="6:66",
        what="`${ssm:/shop}` is not available in this version",
        cure="Write the value itself.",
    ),
    "placeholder braces": Wrong(
        text=but("shop-web", '"${env}-web"'),
        at="4:26",
        what="unknown placeholder `${env}`",
        cure="Did you mean `$env`? Write `$${env}` if a",
    ),
    "placeholder shell": Wrong(
        text=plus('migrations: {m: {service: api, command: [sh, -c, "echo $HOME"]}}\n'),
        at="7:50",
        what="unknown placeholder `$HOME`",
        cure="Write `$$HOME` if a dollar sign is meant.",
    ),
    "waves lacks": Wrong(
        text=plus("waves: [[api]]\n"),
        at="7:1",
        what="no wave has web, each service must roll",
        cure="Add it, or delete `waves` and let `after`",
    ),
    "waves twice": Wrong(
        text=plus("waves: [[api], [web, api]]\n"),
        at="7:22",
        what="`api` is in two waves, a service rolls once",
        cure="Delete one of them.",
    ),
    "waves contradiction": Wrong(
        text=plus("waves: [[api, web]]\n"),
        at="4:44",
        what="`waves` roll `api` not before `web`, `after` says so",
        cure="Make them agree.",
    ),
    "waves flat": Wrong(
        text=plus("waves: [api, web]\n"),
        at="7:9",
        what="`waves[0]` is not a list, api is text",
        cure="Write a list.",
    ),
    "overlay": Wrong(
        text=plus("  production:\n    sandbox: true\n    services:\n      web: {patience: 3x}\n"),
        at="10:23",
        what="`services.web.patience` is not a duration",
        cure="Write it like 90s, 5m or 1h30m.",
    ),
    "overlay typo": Wrong(
        text=plus("  production:\n    sandbox: true\n    services:\n      wep: {patience: 3m}\n"),
        at="10:7",
        what="`services.wep` has no `ecs`",
        cure="Did you mean `web`?",
    ),
    "no url for connect_to": Wrong(
        text=but(', url: "https://shop.example"', ", connect_to: 'alb:443'"),
        at="6:3",
        what="`environments.staging` has no `url`, `connect_to` needs it",
        cure="Write: url: https://shop.example",
    ),
    "no build at all": Wrong(
        text=plus("builds: {api: {platform: linux/arm64}}\n"),
        at="7:10",
        what="`builds.api` must have one source, it names none",
        cure="Give exactly one of: context (a Dockerfile",
    ),
    "placeholder unclosed": Wrong(
        text=but("shop-web", '"${stack:x"'),
        at="4:26",
        what="`${stack:x` is not a stack's output",
        cure="Write it like ${stack:shop.AlbDns}.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_name_that_leads_nowhere_is_refused_with_place_and_cure(name: str) -> None:
    WRONG[name].is_complained_about()
