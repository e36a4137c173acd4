"""What a good file means."""

from datetime import timedelta
from pathlib import Path

from deployctl.config import Settings, parse, resolve
from deployctl.model.build import BuildSpec, Dockerfile, Layer, OciLayout, Pinned
from deployctl.model.check import When
from tests.unit.config.good import FILE, but, plus

MINIMAL = """\
project: shop
services:
  api:    {build: api, ecs: shop-api}                 # folder with a Dockerfile; ECS service name
  web:    {build: web, ecs: shop-web, after: [api]}   # a later wave
  worker: {image_of: api, ecs: shop-worker, after: [api]}
migrations:
  shop: {service: api, preset: alembic}               # expand before the waves, with the new image
cdn: {distribution: E1EXAMPLE, paths: ["/", "/index.html"]}
smoke:
  - {get: /version, expect: {status: 200, json: {"$.commit": "$git_sha"}}}
environments:
  staging:    {account: "222222222222", region: eu-west-1, cluster: shop-staging, url: "https://staging.shop.example"}
  production: {account: "333333333333", region: eu-west-1, cluster: shop, url: "https://shop.example"}
"""
DIGEST = "sha256:" + "a" * 64


def staging(text: str) -> Settings:
    return parse(text, FILE)["staging"]


def test_the_smallest_useful_file_has_under_25_lines_and_safe_defaults() -> None:
    assert len(MINIMAL.splitlines()) < 25
    settings = parse(MINIMAL, FILE)["production"]
    assert settings.waves == (("api",), ("web", "worker"))
    assert settings.place.account == "333333333333"
    assert settings.migrations["shop"].argv == ("alembic", "upgrade", "head")
    assert settings.cdn is not None
    assert settings.cdn.paths == ("/", "/index.html")
    assert settings.rollback.auto
    assert settings.rollback.on_interrupt == "leave"
    assert settings.hotfix.require_reason
    assert settings.services["api"].desired == "keep"
    assert settings.services["api"].patience is None
    (check,) = settings.smoke
    assert (check.url, check.when) == ("/version", When.SHIFTED)
    assert check.expect.json[0].matcher.value == "$git_sha"


def test_a_folder_is_a_dockerfile_build_named_after_it() -> None:
    settings = parse(MINIMAL, FILE)["staging"]
    assert settings.specs["api"] == BuildSpec(
        repository="shop/api", source=Dockerfile(context="/shop/api")
    )
    assert settings.build_of("worker") == "api"
    assert settings.build_of("web") == "web"


def test_folders_get_free_names_and_are_built_once() -> None:
    settings = staging(
        but("{build: api,", "{build: ./src/app/,").replace("{build: web,", "{build: ./src/app/,")
        + "smoke: []\n"
    )
    assert [*settings.builds] == ["app"]
    settings = staging(but("{build: api,", "{build: .,").replace("{build: web,", "{build: x/api,"))
    assert {name: build.context for name, build in settings.builds.items()} == {
        "api": ".",
        "web": "x/api",
    }


def test_the_last_resort_of_a_name_is_a_number() -> None:
    text = but("{build: api,", "{build: b/web,").replace("{build: web,", "{build: a/web,")
    text = text.replace("environments:", "  api-x: {build: ., ecs: x}\nenvironments:")
    assert [*staging(text).builds] == ["web", "web-2", "api-x"]


def test_each_source_becomes_the_fact_that_builders_know() -> None:
    sources = {
        "{context: src, args: {V: '1'}, target: t}": Dockerfile(
            context="/shop/src", args={"V": "1"}, target="t"
        ),
        "{layer: {context: api, cmd: [x], env: {A: $git_sha}}, platform: linux/arm64}": Layer(
            context="/shop/api", command=("x",), env={"A": "$git_sha"}, platform="linux/arm64"
        ),
        "{oci_layout: dist/api.tar}": OciLayout(path="/shop/dist/api.tar"),
        f"{{digest: '{DIGEST}'}}": Pinned(digest=DIGEST),
    }
    for text, source in sources.items():
        assert staging(plus(f"builds: {{api: {text}}}\n")).specs["api"].source == source


def test_an_overlay_merges_mappings_replaces_lists_and_removes_with_null() -> None:
    settings = parse(
        plus(
            """\
  other:
    sandbox: true
    services: {web: {patience: 1h30m, after: []}}
    cdn: null
    smoke: [{get: /b}]
    builds: {api: {layer: {context: api}}, web: {digest: 'DIGEST'}}
builds:
  api: {context: api, args: {V: $env}, repository: mine}
  web: {context: web, platform: linux/arm64, create_repository: true}
cdn: {distribution: E1, paths: [/]}
smoke: [{get: /a}]
""".replace("DIGEST", DIGEST)
        ),
        FILE,
    )
    other, base = settings["other"], settings["staging"]
    assert other.services["web"].patience == timedelta(hours=1, minutes=30)
    assert other.services["web"].ecs == "shop-web"
    assert other.waves == (("api", "web"),)
    assert (base.cdn is None, other.cdn is None) == (False, True)
    assert [check.url for check in other.smoke] == ["/b"]
    assert other.specs["api"].source == Layer(context="/shop/api")
    assert other.specs["api"].repository == "mine"
    assert other.specs["web"].source == Pinned(digest=DIGEST)
    assert base.builds["api"].args == {"V": "staging"}


def test_a_sandbox_needs_no_more_than_its_word() -> None:
    text = MINIMAL[: MINIMAL.index("  staging")] + "  local: {sandbox: true}\n"
    settings = parse(text, FILE)["local"]
    assert settings.place.cluster == "shop"
    assert settings.place.account == settings.place.url == ""


def test_outputs_of_stacks_stay_for_whoever_can_look_them_up() -> None:
    settings = staging(
        but("cluster: shop", 'cluster: "${stack:$env-shop.Cluster}"').replace(
            '"https://shop.example"}', '"https://${stack:a.B}", connect_to: "${stack:a.C}:80"}'
        )
        + 'cdn: {distribution: "${stack:a-b.Id}", paths: [/]}\n'
    )
    assert settings.place.cluster == "${stack:staging-shop.Cluster}"
    assert settings.place.url == "https://${stack:a.B}"
    assert settings.place.connect_to == "${stack:a.C}:80"
    assert settings.cdn is not None
    assert settings.cdn.distribution == "${stack:a-b.Id}"


def test_placeholders_are_filled_in_now_or_kept_for_the_commit() -> None:
    settings = staging(
        but("ecs: shop-web", "ecs: shop-$env-web")
        + "builds: {api: {context: api, args: {A: '$env $git_sha $$x'}}, web: {context: web}}\n"
        + "migrations:\n"
        + "  m: {service: api, command: [sh, -c, 'echo $$HOME 5$'], env: {V: $git_sha}}\n"
        + "smoke: [{get: '/v?of=$git_sha', expect: {body: {matches: '^$env$'}}}]\n"
    )
    assert settings.services["web"].ecs == "shop-staging-web"
    assert settings.builds["api"].args["A"] == "staging $git_sha $$x"
    assert resolve(settings.builds["api"].args["A"], "abc") == "staging abc $x"
    assert settings.migrations["m"].argv == ("sh", "-c", "echo $HOME 5$")
    assert settings.migrations["m"].env == {"V": "$git_sha"}
    assert settings.smoke[0].url == "/v?of=$git_sha"
    assert settings.smoke[0].expect.body[0].value == "^staging$"


def test_x_keys_are_ignored_except_where_keys_are_names_of_something() -> None:
    settings = staging(
        plus(
            "x-note: {anything: [$goes]}\n"
            "smoke:\n"
            "  - get: /\n"
            "    x-y: 1\n"
            "    headers: {x-a: b}\n"
            "    expect: {header: {x-powered-by: {exists: false}}}\n"
            "  - {post: /, json: {x-a: {x-b: 1}}}\n"
        )
    )
    assert settings.smoke[0].headers == (("x-a", "b"),)
    assert settings.smoke[0].expect.headers[0].at == "x-powered-by"
    assert settings.smoke[1].body == '{"x-a": {"x-b": 1}}'


def test_scalars_are_those_of_yaml_1_2() -> None:
    args = "{A: no, B: on, C: 22:22, D: 1_000, E: '1.10', F: 2026-01-01, G: '', H: .inf, I: 1e999}"
    settings = staging(
        plus(f"builds: {{api: {{context: api, args: {args}}}, web: {{context: web}}}}\n")
    )
    assert settings.builds["api"].args == {
        "A": "no",
        "B": "on",
        "C": "22:22",
        "D": "1_000",
        "E": "1.10",
        "F": "2026-01-01",
        "G": "",
        "H": ".inf",
        "I": "1e999",
    }


def test_written_waves_count_when_they_agree_with_after() -> None:
    assert staging(plus("waves: [[api], [web]]\n")).waves == (("api",), ("web",))


def test_the_digest_follows_what_counts_and_nothing_else() -> None:
    one = staging(plus("# a comment\n"))
    assert (
        one.digest
        == parse(plus("state: {backend: sqlite}\n"), Path("/else/x.yaml"))["staging"].digest
    )
    assert one.digest != staging(plus("hotfix: {require_reason: false}\n")).digest
