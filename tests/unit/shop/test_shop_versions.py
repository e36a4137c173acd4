"""The shop's history: v2 changes code and schema safely, v3 breaks as announced."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from examples.shop.history import VERSIONS, git, make_history
from tests.unit.shop.stand import PLAIN, SHOP, Database, Running, Start, alembic

YAML = "project: shop\n"


@pytest.fixture(scope="session")
def repository(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's own repository, standing at v2."""
    assert site.exists()
    target = tmp_path_factory.mktemp("shop") / "repository"
    make_history(target, deployctl_yaml=YAML, versions=["v1", "v2"])
    return target


def overlay(name: str, tmp_path: Path) -> Path:
    """A repository of its own that stands at one more commit than v2."""
    make_history(tmp_path / "next", deployctl_yaml=YAML, versions=["v1", "v2", name])
    return tmp_path / "next"


def test_the_same_input_gives_the_same_shas(tmp_path: Path) -> None:
    one = make_history(tmp_path / "one", deployctl_yaml=YAML)
    other = make_history(tmp_path / "other", deployctl_yaml=YAML)
    assert one == other
    assert len(set(one)) == 3
    assert one != make_history(tmp_path / "third", deployctl_yaml="project: other\n")


def test_the_repository_is_clean_and_holds_only_the_shop(repository: Path) -> None:
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "tag").split() == ["v1", "v2"]
    tracked = set(git(repository, "ls-files").splitlines())
    assert {"deployctl.yaml", "api/Dockerfile", "web/Dockerfile", "infrastructure.yml"} <= tracked
    assert not [name for name in tracked if "site/" in name or "versions/v2" in name]
    assert (repository / "api/site/psycopg").is_dir()


def test_deployctl_yaml_may_be_a_file(tmp_path: Path) -> None:
    given = tmp_path / "mine.yaml"
    given.write_text(YAML)
    make_history(tmp_path / "r", deployctl_yaml=given, versions=["v1"])
    assert (tmp_path / "r/deployctl.yaml").read_text() == YAML


def test_history_refuses_what_it_cannot_make(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="v1, v2, v3, v2-web-only"):
        make_history(tmp_path / "r", versions=["v1", "v9"])
    with pytest.raises(ValueError, match="begin with v1"):
        make_history(tmp_path / "r", versions=["v2"])
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_history(tmp_path)


@pytest.mark.parametrize("name", VERSIONS[3:])
def test_the_other_overlays_change_something(name: str, tmp_path: Path) -> None:
    changed = git(overlay(name, tmp_path), "diff", "--name-only", "HEAD~1")
    assert len(changed.splitlines()) == 1
    assert changed.startswith("api/migrations" if name == "bad_migration" else "web/")


def test_the_first_migration_fills_an_empty_database(empty_database: Database, site: Path) -> None:
    assert site.exists()
    assert alembic(SHOP, empty_database.url, "current", "--check-heads").returncode == 255
    done = alembic(SHOP, empty_database.url, "upgrade", "head")
    assert "migrations: Running upgrade  -> 0001" in done.stdout
    assert empty_database.sql("SELECT count(*) FROM products") == "6"
    assert alembic(SHOP, empty_database.url, "current", "--check-heads").returncode == 0


def test_a_migration_without_a_database_says_why(site: Path) -> None:
    assert site.exists()
    failed = alembic(SHOP, "", "upgrade", "head")
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1] == "migrations: setting DATABASE_URL is missing"


def test_the_old_code_works_with_the_new_schema(
    start: Start, repository: Path, database: Database
) -> None:
    old = start(SHOP / "api", "shop_api", {"DATABASE_URL": database.url})
    before = [bought(old) for _ in range(7)]  # enough for prepared statements
    assert alembic(repository, database.url, "upgrade", "head").returncode == 0
    after = [bought(old) for _ in range(7)]
    assert before == after
    worker = start(SHOP / "api", "shop_api.worker", {"DATABASE_URL": database.url})
    assert worker.stop() == 0


def test_the_new_version_lets_people_rate(
    start: Start, repository: Path, database: Database
) -> None:
    alembic(repository, database.url, "upgrade", "head")
    api = start(repository / "api", "shop_api", {"DATABASE_URL": database.url})
    web = start(repository / "web", "shop_web", {"API_URL": api.url})
    assert "Not rated yet" in httpx.get(f"{web.url}/products/1").text
    for stars in ("4", "3"):
        rated = httpx.post(f"{web.url}/products/1/rate", data={"stars": stars})
        assert rated.headers["Location"] == "/products/1"
    assert "★★★★☆ 3.5 (2)" in httpx.get(web.url).text
    assert httpx.post(f"{web.url}/products/1/rate", data={"stars": "x"}).status_code == 502
    assert httpx.post(f"{api.url}/api/products/1/ratings", json={"stars": 6}).status_code == 400


def test_the_new_pages_work_with_the_old_api(
    start: Start, repository: Path, database: Database
) -> None:
    api = start(SHOP / "api", "shop_api", {"DATABASE_URL": database.url})
    web = start(repository / "web", "shop_web", {"API_URL": api.url})
    assert httpx.get(web.url).status_code == 200


def test_the_broken_version_exits_3_and_names_the_setting(
    site: Path, database: Database, tmp_path: Path
) -> None:
    assert site.exists()
    broken = overlay("v3", tmp_path)
    for module in ("shop_api", "shop_api.worker"):
        ended = subprocess.run(
            [sys.executable, "-m", module],
            cwd=broken / "api",
            env={**PLAIN, "PYTHONPATH": "site", "DATABASE_URL": database.url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 3
        assert ended.stderr.splitlines()[-1] == "shop_api: setting DATABSE_URL is missing"
    assert alembic(broken, database.url, "upgrade", "head").returncode == 0


def test_the_failing_migration_leaves_the_schema_as_it_was(
    site: Path, database: Database, tmp_path: Path
) -> None:
    assert site.exists()
    failed = alembic(overlay("bad_migration", tmp_path), database.url, "upgrade", "head")
    assert failed.returncode == 1
    assert 'relation "product" does not exist' in failed.stderr
    assert database.sql("SELECT version_num FROM alembic_version") == "0001"


def test_the_bad_smoke_version_is_healthy_but_its_home_page_is_not(
    start: Start, database: Database, tmp_path: Path
) -> None:
    api = start(SHOP / "api", "shop_api", {"DATABASE_URL": database.url})
    bad = overlay("bad_smoke", tmp_path)
    web = start(bad / "web", "shop_web", {"API_URL": api.url})
    assert httpx.get(f"{web.url}/healthz").status_code == 200
    assert httpx.get(f"{web.url}/version").status_code == 200
    assert httpx.get(web.url).status_code == 404


def bought(api: Running) -> object:
    """What one purchase says, without its ids."""
    cart = httpx.post(f"{api.url}/api/carts").json()["id"]
    item = {"product": 1, "quantity": 1}
    filled = httpx.post(f"{api.url}/api/carts/{cart}/items", json=item).json()["items"]
    order = httpx.post(f"{api.url}/api/orders", json={"cart": cart}).json()
    shown = httpx.get(f"{api.url}/api/orders/{order.pop('id')}").status_code
    return filled, order, shown, httpx.get(f"{api.url}/api/products").json()
