"""What data capture must be told, so that it captures something of use."""

from collections.abc import Iterator

from stacks.sagemaker_rules.hosting import Hosting
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api

CONFIG = api("DataCaptureConfig")

OFF = Rule(
    "capture-off",
    "EnableCapture is false, so AWS captures nothing of what is configured: switch it on, or take DataCaptureConfig "
    "away.",
    CONFIG,
)
NOTHING = Rule(
    "capture-zero-percent",
    "AWS captures 0 % of the requests, which is none: choose 1 to 100.",
    CONFIG,
)
NO_OPTIONS = Rule(
    "capture-no-options",
    "AWS refuses data capture without CaptureOptions: name Input, Output, or both.",
    CONFIG,
)
OUTPUT_ONLY = Rule(
    "capture-output-only",
    "AWS captures the answers without their requests, so nobody can judge them: capture Input too.",
    CONFIG,
    Evidence.OURS,
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """Where data capture captures nothing, or nothing of use."""
    for configuration in hosting.configurations:
        if not configuration.properties.has("DataCaptureConfig"):
            continue
        capture = configuration.properties.at("DataCaptureConfig")
        modes = {option.text("CaptureMode") for option in capture.each("CaptureOptions")}
        if capture.flag("EnableCapture") is False:
            yield OFF.on(configuration.id)
        if capture.number("InitialSamplingPercentage") == 0:
            yield NOTHING.on(configuration.id)
        if capture.lacks("CaptureOptions") or capture.value("CaptureOptions") == []:
            yield NO_OPTIONS.on(configuration.id)
        if modes == {"Output"}:
            yield OUTPUT_ONLY.on(configuration.id)
