"""What holds for every test: no account of the developer's is ever reached."""

import os

import pytest

_FORBID_SKIPS = bool(os.environ.get("DEPLOYCTL_FORBID_SKIPS"))  # noqa: TID251 - CI's own switch


@pytest.fixture(autouse=True)
def no_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fake credentials and no endpoint from outside: nothing can reach a real account."""
    for name in tuple(os.environ):  # noqa: TID251 - tests clean the process environment
        if name.startswith(("AWS_", "DEPLOYCTL_", "BITBUCKET_", "CODEBUILD_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """CI provides everything a test may need, so there a skip is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if _FORBID_SKIPS and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
