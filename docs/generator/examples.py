"""What the reference of deployctl.yaml says beside its tables: an introduction and examples."""

PARTS = {
    "State": "state",
    "Build": "builds",
    "Layer": "builds.NAME.layer",
    "Service": "services",
    "Migration": "migrations",
    "Cdn": "cdn",
    "Smoke": "smoke",
    "Expect": "smoke.expect",
    "Body": "smoke.expect.body",
    "Latency": "smoke.expect.latency",
    "Rollback": "rollback",
    "Hotfix": "hotfix",
    "Environment": "environments",
}
"""Shapes of the file in the order of the page, and the heading of each."""

INTRO = """\
# deployctl.yaml

One file, strict YAML 1.2: unknown and duplicate keys, anchors, tags and tabs are errors, and all
mistakes are reported at once, each with its line and cure. Keys that begin with `x-` are ignored.
Secrets never belong in it. The shortest useful file is in the [README](../README.md); a tour with
every key is [examples/shop/deployctl.yaml](../examples/shop/deployctl.yaml).

    deployctl config check                   # all environments, all complaints
    deployctl config show --env staging      # what counts there, defaults written out
    deployctl schema > deployctl.schema.json # for editors

With that schema beside the file, this first line gives completion and checks in editors that use
yaml-language-server (VS Code, Neovim, JetBrains, …):

    # yaml-language-server: $schema=deployctl.schema.json
"""

PLACEHOLDERS = """\
Durations are written `90s`, `5m` or `1h30m`. Placeholders:

| placeholder | is | where |
|---|---|---|
| `$env` | name of the environment | in every value |
| `$git_sha` | image tag of the release | build `args`, every `env`, smoke checks |
| `${stack:NAME.Output}` | output of a CloudFormation stack | `cluster`, `url`, `connect_to`, `cdn.distribution` |
| `$$` | a dollar sign | in every value |
"""  # noqa: E501 - a row of a Markdown table cannot be broken

EXAMPLES = {
    "State": "state: {path: .deployctl}   # default: the user's state folder\n",
    "Build": """\
builds:
  api:
    context: api                 # folder with a Dockerfile
    args: {GIT_SHA: $git_sha}
  pages: {oci_layout: dist/pages.tar, repository: shop/pages}
services:
  api: {build: api, ecs: shop-api}
  pages: {build: pages, ecs: shop-pages}
""",
    "Layer": """\
builds:
  api:
    layer:                       # needs neither Docker nor a daemon
      context: api
      base: base/python:3.11     # an image in the same registry
      files: {".": /app}
      cmd: [python3, -m, shop_api]
      workdir: /app
services:
  api: {build: api, ecs: shop-api}
""",
    "Service": """\
services:
  api: {build: api, ecs: shop-api}
  worker: {image_of: api, ecs: shop-worker, after: [api]}
""",
    "Migration": """\
migrations:
  shop: {service: api, preset: alembic, patience: 15m}
""",
    "Cdn": """\
cdn: {distribution: E1EXAMPLE, paths: ["/", "/products/*"]}
""",
    "Smoke": """\
smoke:
  - name: api serves this release
    get: /api/version
    service: api
    expect: {json: {$.commit: $git_sha}}
    consecutive: 3
  - name: home page through the CDN
    get: /
    when: published
    expect: {body: {contains: "<title>"}, latency: {fail_ms: 3000}}
""",
    "Rollback": "rollback: {auto: true, on_interrupt: leave}\n",
    "Environment": """\
environments:
  staging:
    account: "222222222222"
    region: eu-west-1
    cluster: shop-$env
    url: https://$env.shop.example
    services:
      api: {patience: 30m}       # overrides: mappings merge, lists are replaced, null removes
  local: {sandbox: true}
""",
}
"""An example of a shape; each is a whole section that can stand in a file."""

OPERATORS = """\
An expectation in `json` and `header` is a plain value (it must be equal) or a mapping of operators
that must all hold: `equals`, `not`, `exists`, `contains`, `not_contains`, `starts_with`,
`ends_with`, `matches` (a regular expression), `in`, `lt`, `lte`, `gt`, `gte`, `between`, `type`,
`count` (the length, compared by another operator). For a header, the word `exists` is enough.
"""
