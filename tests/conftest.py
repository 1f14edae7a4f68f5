"""What every test shares: no AWS of the person who runs it, and no test that depends on the machine's speed."""

import os
from pathlib import Path

from hypothesis import settings

from mlstack.local.environment import ACCESS_KEY, SECRET_KEY

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
