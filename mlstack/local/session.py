"""A session that speaks to the local AWS as whom it expects, whatever the person's own configuration says."""

import os

import boto3
import botocore.session

from mlstack.local.environment import ACCESS_KEY, SECRET_KEY, Place


def session(place: Place) -> boto3.Session:
    """A session that knows nothing of the person's own configuration; its clients need ``endpoint_url``."""
    # No variable and no default names a profile, whatever the person's shell says.
    core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    for name in ("config_file", "credentials_file"):
        core.set_config_variable(name, os.devnull)
    return boto3.Session(
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name=place.region,
        botocore_session=core,
    )
