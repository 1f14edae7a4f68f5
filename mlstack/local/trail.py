"""CloudTrail's events: none; the CDK CLI looks for some by itself after a failure, to say more of it."""

from mlstack.local.json_service import Answer, JsonService

TARGET = "CloudTrail_20131101."
TARGETS = (TARGET, f"com.amazonaws.cloudtrail.v20131101.{TARGET}")
"""As the CLI's SDK and as botocore call it."""


def services() -> tuple[JsonService, ...]:
    """Answers to LookupEvents; trails are moto's."""
    answers: dict[str, Answer] = {"LookupEvents": lambda _: {"Events": []}}
    return tuple(
        JsonService(name="cloudtrail", target=target, invalid="InvalidParameterException", answers=answers)
        for target in TARGETS
    )
