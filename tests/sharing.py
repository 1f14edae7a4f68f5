"""Which tests run in one process, one after the other: those of a file, and those whose preparation is dear.

A session's fixture is made once in each process that asks for it. A deployed stage, a local AWS and the synthesized
profiles take seconds, so all that use one of them stay together; they begin first, because they take longest.
"""

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = (
    ("tests/mlstack/test_sagemaker_story.py", "tests/mlstack/test_vision_story.py"),
    (
        "tests/mlstack/image/test_image_story.py",
        "tests/mlstack/test_models_story.py",
        "tests/mlstack/test_stage_story.py",
    ),
    (
        "tests/local/alarms/",
        "tests/local/capacity/",
        "tests/local/ec2/",
        "tests/local/ecs/",
        "tests/local/load_balancing/",
        "tests/local/machine/",
        "tests/local/queue_metrics/",
        "tests/local/service_scaling/",
        "tests/local/workflow/",
    ),
    ("tests/local/",),
    ("tests/mlstack/test_workstation_story.py",),
    ("tests/mlstack/test_ecs_story.py",),
    ("tests/containers/training/",),
    ("tests/templates/",),
    ("tests/mlstack/vision/gallery/test_browser.py",),
)
"""Files and folders that share a preparation, the longest first."""


def by_weight(nodeid: str) -> int:
    """Where a test stands in the order."""
    return next((place for place, starts in enumerate(TOGETHER) if nodeid.startswith(starts)), len(TOGETHER))


class Sharing(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """xdist's own sharing by file, but for those of TOGETHER, and in the order that was collected."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        place = by_weight(nodeid)
        return TOGETHER[place][0] if place < len(TOGETHER) else super()._split_scope(nodeid)
