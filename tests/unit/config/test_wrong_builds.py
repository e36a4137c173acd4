"""Builds and migrations that make no sense, and what is said about them."""

import pytest

from tests.unit.config.good import Wrong, but, plus

WRONG = {
    "migration preset": Wrong(
        text=plus("migrations: {shop: {service: api, preset: alembik}}\n"),
        at="7:43",
        what="unknown preset `alembik`",
        cure="Did you mean `alembic`?",
    ),
    "migration both": Wrong(
        text=plus("migrations: {shop: {service: api, preset: alembic, command: [x]}}\n"),
        at="7:14",
        what="`migrations.shop` needs either `preset` or `command`, it names both",
        cure='Write preset: alembic, or command: ["..."].',
    ),
    "command text": Wrong(
        text=plus("migrations: {shop: {service: api, command: alembic upgrade head}}\n"),
        at="7:44",
        what="`migrations.shop.command` is text, not a list",
        cure='Write ["alembic", "upgrade", "head"].',
    ),
    "two sources": Wrong(
        text=plus("builds: {api: {context: api, digest: sha256:12}}\n"),
        at="7:38",
        what="`builds.api.digest` does not fit",
        cure="Write sha256: and 64 hexadecimal digits.",
    ),
    "two sources good": Wrong(
        text=plus("builds: {api: {context: api, oci_layout: x}}\n"),
        at="7:30",
        what="`builds.api` must have one source, it names context and oci_layout",
        cure="Give exactly one of: context (a Dockerfile",
    ),
    "escape": Wrong(
        text=but("build: web,", "build: ../web,") + "builds: {web: {context: ../web}}\n",
        at="7:25",
        what="`builds.web.context` leaves the project",
        cure="Write a path relative to the folder of the",
    ),
    "builder": Wrong(
        text=plus("builds: {api: {context: api, builder: kaniko}}\n"),
        at="7:30",
        what="`builder` is not available in this version",
        cure="Delete the key.",
    ),
    "layer useless": Wrong(
        text=plus("builds: {api: {layer: {context: api, cmd: [x]}, dockerfile: D}}\n"),
        at="7:49",
        what="`builds.api` cannot have `dockerfile`",
        cure="Delete `dockerfile`.",
    ),
    "env number": Wrong(
        text=plus("builds: {api: {context: api, args: {V: 3.10}}}\n"),
        at="7:40",
        what="`builds.api.args.V` is not text, 3.10 is a number",
        cure='Write it in quotes: "3.10"',
    ),
    "command number": Wrong(
        text=plus("migrations: {m: {service: api, command: [sleep, 5]}}\n"),
        at="7:49",
        what="`migrations.m.command[1]` is not text, 5 is a number",
        cure='Write it in quotes: "5"',
    ),
    "layer place": Wrong(
        text=plus("builds: {api: {layer: {context: api, files: {.: app}}}}\n"),
        at="7:49",
        what='`builds.api.layer.files["."]` is not a place in the image',
        cure="Write an absolute path like /app.",
    ),
    "digest with platform": Wrong(
        text=plus("builds: {api: {digest: 'sha256:" + 64 * "a" + "', platform: linux/arm64}}\n"),
        at="7:99",
        what="`builds.api` cannot have `platform`",
        cure="Delete `platform`.",
    ),
    "platform": Wrong(
        text=plus("builds: {api: {context: api, platform: arm}}\n"),
        at="7:40",
        what="`builds.api.platform` does not fit, 'arm' is not of the right form",
        cure="Write it like linux/amd64.",
    ),
    "repository": Wrong(
        text=plus("builds: {api: {context: api, repository: 'host:5000/Shop'}}\n"),
        at="7:42",
        what="`builds.api.repository` does not fit",
        cure="Write the name alone, like shop/api: the",
    ),
    "key number in args": Wrong(
        text=plus("builds: {api: {context: api, args: {A: true}}}\n"),
        at="7:40",
        what="`builds.api.args.A` is not text, true is true or false",
        cure='Write it in quotes: "true"',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_build_or_migration_without_sense_is_refused_with_place_and_cure(name: str) -> None:
    WRONG[name].is_complained_about()
