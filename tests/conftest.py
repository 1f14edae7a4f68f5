"""What every test shares: no AWS of the person who runs it, and no test that depends on the machine's speed."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from mlstack.local import models
from mlstack.local.environment import ACCESS_KEY, SECRET_KEY
from tests.sharing import Sharing, by_weight

gc.disable()  # until everything is collected: what is made until then stays to the end
gc.set_threshold(50_000)  # afterwards seldom: most tests make less than that
models.share()

for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
    del os.environ[name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # The library's own validation runs once, in `make check`; here it would cost five seconds a process.
    "CDK_VALIDATION": "false",
    # Where jsii keeps the CDK's library unpacked; in the new home of a test it would unpack it for four seconds again.
    "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(Path.home() / ".cache" / "aws" / "jsii" / "package-cache"),
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
}

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no core waits for the other at the end."""
    items.sort(key=lambda item: by_weight(item.nodeid))


def pytest_collection_finish() -> None:
    """Look for garbage from here on, and not among what was collected."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    """Share the tests out among the processes by what they have in common."""
    return Sharing(config, log)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Call bytes by their argument's name: an archive made at import has its date in it, and each process another."""
    return argname if isinstance(val, bytes) else None
