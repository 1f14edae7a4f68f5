"""How many builds AWS lets an account have at once: few where it is new, and often none."""

import re

from botocore.exceptions import ClientError

from shared.custom_resource import UnfulfilledError
from shared.fault import code_of

REFUSAL = "AccountLimitExceededException"
MOST = re.compile(r"\bmore than (\d+)\b")


class NoBuildsError(UnfulfilledError):
    """The account may build nothing, and will not before a person asks for it."""


def has_no_room(error: ClientError) -> bool:
    """Whether a start was refused because other builds of the account run, which end.

    Raises:
        NoBuildsError: where there is nothing to wait for, because the account may have no builds at all.
    """
    said = str(error.response.get("Error", {}).get("Message", ""))
    most = MOST.search(said) if code_of(error) == REFUSAL else None
    if most and not int(most[1]):
        message = (
            f"AWS lets this account build nothing yet (CodeBuild: {said[:100]}): ask AWS Support to raise CodeBuild's "
            "quota of concurrently running builds for Linux/Small in this region, then deploy again"
        )
        raise NoBuildsError(message)
    return most is not None
