"""What a job's container knows of AWS."""

from mlstack.local.environment import aws
from mlstack.local.sagemaker.hall import Hall

REACHING = frozenset({"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})


def surroundings(hall: Hall, *, isolated: bool) -> dict[str, str]:
    """The local AWS; or no more than its region where the container is cut off from the network.

    Nothing keeps an isolated container from the network here: it has neither an address of AWS nor a key for it.
    """
    known = aws(hall.place)
    return {name: value for name, value in known.items() if not (isolated and name in REACHING)}
