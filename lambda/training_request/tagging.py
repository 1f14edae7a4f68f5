"""How everything that a run makes is tagged: whose it is as all of the stage, and by which run it was made."""

from shared.training_run import tag_list
from training_request.request import Request
from training_request.settings import Settings


def tags(request: Request, told: Settings) -> list[dict[str, str]]:
    """The stage's own tags, by which its costs are counted, and the run's."""
    stages = [{"Key": key, "Value": value} for key, value in sorted(told.tags.items())]
    return [*stages, *tag_list(told.stage, request.execution, request.model)]
