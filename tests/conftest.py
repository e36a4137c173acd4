"""What holds for every test: no account of the developer's is ever reached."""

import os

import pytest


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
