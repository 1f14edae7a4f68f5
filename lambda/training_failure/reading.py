"""What a failed step says, in one line. A function of Step Functions' Error and Cause alone."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_ERROR, LONGEST_REASON = 256, 1000
SERVICE = re.compile(r"\s*\(Service: (?P<told>[^()]*)\)\s*$")
"""How the words of a refused integration end: (Service: AmazonSageMaker; Status Code: 400; Error Code: X; ...)."""
CODE = re.compile(r"Error Code: (?P<code>[\w.]+)")
BOTO = re.compile(
    r"^An error occurred \((?P<code>[\w.]+)\) when calling the (?P<operation>\w+) operation(?: \([^)]*\))?: "
)
"""How boto3's begin."""
REASON = re.compile(r'"(?:FailureReason|ExitMessage)"\s*:\s*"(?P<reason>(?:[^"\\]|\\.)*)')
STATUS = re.compile(r'"(?P<kind>TrainingJob|HyperParameterTuningJob|ProcessingJob|TransformJob)Status"\s*:')
TOO_LONG = {
    "MaxRuntimeExceeded": "it ran as long as it may: give it more time with max_run_minutes",
    "MaxWaitTimeExceeded": (
        "no spot capacity came in the time that it may wait: raise max_wait_minutes, or set spot to false"
    ),
    "Interrupted": (
        "its spot instance was taken away and none came in time: raise max_wait_minutes, or set spot to false"
    ),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job or resource, whose Describe answer may be a Cause."""

    short: str
    words: str


KINDS = {
    "TrainingJob": Kind("TrainingJob", "training job"),
    "HyperParameterTuningJob": Kind("TuningJob", "tuning job"),
    "ProcessingJob": Kind("ProcessingJob", "processing job"),
    "TransformJob": Kind("TransformJob", "transform job"),
    "CompilationJob": Kind("CompilationJob", "compilation job"),
    "Endpoint": Kind("Endpoint", "endpoint"),
    "ModelPackage": Kind("ModelPackage", "model package"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """The short name of what went wrong, and why, in one line."""

    error: str
    reason: str
    tuning_job: str | None = None
    """The tuning job that failed: its training jobs know more."""

    def told(self) -> dict[str, str]:
        """As the state machine takes it."""
        return {"error": self.error[:LONGEST_ERROR] or "Unknown", "reason": shortened(self.reason)}


def shortened(text: str) -> str:
    """The text in one line, no longer than people read."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 3]}..."


def read(step: str, error: Mapping[str, Any] | None, job: str) -> Failure:
    """The failure of a step; ``error`` is what its Catch was given, or a Describe answer's words."""
    name, cause = str((error or {}).get("Error") or ""), (error or {}).get("Cause") or ""
    document = cause if isinstance(cause, Mapping) else _document(str(cause))
    if document is not None:
        kind = next((key for key in KINDS if f"{key}Status" in document), None)
        if kind:
            return _job(kind, document, job)
        if "errorMessage" in document:
            return _function(name, document)
    return _refusal(step, name, cause if isinstance(cause, str) else json.dumps(cause, default=str))


def _document(cause: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(cause)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _job(key: str, told: Mapping[str, Any], job: str) -> Failure:
    """A job that failed or was stopped, as SageMaker describes it."""
    kind, name = KINDS[key], str(told.get(f"{key}Name") or job)
    status = str(told[f"{key}Status"]).capitalize()
    tuning_job = name if key == "HyperParameterTuningJob" else None
    too_long = TOO_LONG.get(str(told.get("SecondaryStatus")))
    said = told.get("FailureReason") or told.get("ExitMessage")
    what = f"{kind.words} {name}".rstrip()
    if status == "Failed":
        return Failure(f"{kind.short}Failed", f"{what} failed: {said or 'SageMaker tells no reason'}", tuning_job)
    if too_long:
        return Failure(f"{kind.short}TimedOut", f"{what} was stopped: {too_long}")
    if status in {"Stopped", "Stopping"}:
        why = f": {said}" if said else ", by a person or because it ran as long as it may"
        return Failure(f"{kind.short}Stopped", f"{what} was stopped{why}")
    return Failure(f"{kind.short}Failed", f"{what} is {told[f'{key}Status']}" + (f": {said}" if said else ""))


def _function(name: str, told: Mapping[str, Any]) -> Failure:
    """An exception of a Lambda function, whose message is for people; a request's problems come one a line."""
    lines = [line.strip() for line in str(told["errorMessage"] or "").splitlines() if line.strip()]
    short, reason = _short(str(told.get("errorType") or name)), "; ".join(lines)
    boto = BOTO.match(reason)
    if boto:
        return Failure(_short(boto["code"]), f"{boto['operation']}: {reason[boto.end() :]}")
    return Failure(short, reason or f"{short} without a message")


def _refusal(step: str, name: str, cause: str) -> Failure:
    """What an API refused, or Step Functions itself says."""
    torn = REASON.search(cause) if cause.lstrip().startswith("{") else None
    if torn:  # a Describe answer that Step Functions cut off
        kind = STATUS.search(cause)
        short = f"{KINDS[kind['kind']].short}Failed" if kind else _short(name)
        return Failure(short, _unescaped(torn["reason"]))
    service = SERVICE.search(cause)
    code = CODE.search(service["told"]) if service else None
    reason = cause[: service.start()] if service else cause
    if name == "States.Timeout":
        return Failure("Timeout", reason or f"{step} did not end in the time that it has")
    return Failure(
        _short(code["code"] if code else name), reason or f"{step} failed and tells no reason: {name or 'no error'}"
    )


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _short(name: str) -> str:
    """AWS's name of an error without its service: States.Timeout is Timeout."""
    return name.rsplit(".", 1)[-1] or "Unknown"
