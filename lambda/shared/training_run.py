"""What everything is called that one execution of the training workflow makes, and how it is tagged.

The state machine, its functions and the command line must agree on these names, so they are made here and nowhere else.
"""

import hashlib
import re
from collections.abc import Mapping

LONGEST_STAGE = 15
"""A tuning job's name has 32 characters at most: `mlstack-`, the stage, a hyphen and eight more."""
LONGEST_NAME = 63
"""Of endpoints, their configurations and model package groups."""
EXECUTION_TAG = "mlstack:execution"
"""The tag that nothing has but what an execution made."""
STAGE_TAGS = ("mlstack:stage", "stage")
"""What names a stage: on what an execution made, and on what CloudFormation made."""
RUNS, CHECKPOINTS = "training/", "checkpoints/"
"""What begins a key in the models bucket."""
TRANSFORM = "transform/"
"""Where under a run's prefix its predictions lie."""
_HASH = 8
_LONGEST_TAG = 256
_NO_TAG = re.compile(r"[^\w .:/=+\-@]", re.UNICODE)


def job_name(stage: str, execution: str) -> str:
    """The one name of all jobs and models of an execution, the same each time it is asked for."""
    digest = hashlib.sha256(execution.encode("utf-8", "surrogatepass")).hexdigest()
    return f"mlstack-{stage}-{digest[:_HASH]}"


def run_prefix(model: str, job: str) -> str:
    """Where in the models bucket everything of a run lies; it ends in a slash, for S3 knows no folders."""
    return f"{RUNS}{model}/{job}/"


def group_name(stage: str, model: str) -> str:
    """The model package group of a model."""
    return f"mlstack-{stage}-{model}"


def endpoint_name(stage: str, endpoint: str) -> str:
    """The endpoint that a profile or a request calls by a short name."""
    return f"mlstack-{stage}-{endpoint}"


def config_name(endpoint: str, job: str) -> str:
    """The configuration that a run makes for an endpoint of a full name."""
    return f"{endpoint}-{job[-_HASH:]}"


def tags(stage: str, execution: str, model: str) -> Mapping[str, str]:
    """What marks everything that the workflow makes."""
    named = {"mlstack:stage": stage, EXECUTION_TAG: execution, "mlstack:model": model}
    return {key: tag_value(value) for key, value in named.items()}


def stages(found: Mapping[str, str]) -> frozenset[str]:
    """Whose something is, by its tags: a name alone does not say, for `dev-a` begins as stage `dev` with `a` does."""
    return frozenset(found[key] for key in STAGE_TAGS if key in found)


def tag_value(text: str) -> str:
    """A text as a tag, or the metadata of a version, may hold it: what neither takes becomes an underscore."""
    return _NO_TAG.sub("_", text)[:_LONGEST_TAG]


def tag_list(stage: str, execution: str, model: str) -> list[dict[str, str]]:
    """The same as AWS takes them."""
    return [{"Key": key, "Value": value} for key, value in tags(stage, execution, model).items()]
