"""Deletes what jobs and endpoints of the stage logged: SageMaker keeps it for ever, and bills its storage."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared import clock
from shared.clearing import OutOfTimeError
from shared.fault import code_of
from trained_models.belonging import Belonging

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

ENDPOINTS = "/aws/sagemaker/Endpoints/"
SHARED = tuple(f"/aws/sagemaker/{kind}Jobs" for kind in ("Compilation", "Processing", "Training", "Transform"))
"""Groups of everybody in the account: only the stage's own streams are deleted there."""
GONE = "ResourceNotFoundException"
CONFLICT = "OperationAbortedException"
"""Two changes at once: the next look sees what became of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Logs:
    """What of the workflow has logged."""

    client: "CloudWatchLogsClient"
    belonging: Belonging
    until: datetime
    endpoints: Callable[[], Collection[str]]
    """The names of those that are there."""

    def groups(self) -> list[str]:
        """Delete the groups of its endpoints, and say which there were.

        SageMaker makes them without tags, and leaves them when the endpoint goes; those of a stack carry its tags. One
        whose endpoint is there is not the workflow's, whose endpoints are gone by now: a stage may be called like this
        one and more.
        """
        pages = self.client.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix=ENDPOINTS + self.belonging.prefix
        )
        found = [(one["logGroupName"], one["logGroupArn"]) for page in pages for one in page["logGroups"]]
        untagged = [name for name, arn in found if not self._tags(arn)]
        serving = {ENDPOINTS + name for name in self.endpoints()} if untagged else set()
        ours = [name for name in untagged if name not in serving]
        for name in ours:
            self._delete(name)
        return [f"log group {name}" for name in ours]

    def streams(self) -> list[str]:
        """Delete the streams of its jobs, and say which there were."""
        left = []
        for group in SHARED:
            for stream in self._streams(group):
                self._delete(group, stream)
                left.append(f"log stream {stream}")
        return left

    def _streams(self, group: str) -> list[str]:
        pages = self.client.get_paginator("describe_log_streams").paginate(
            logGroupName=group, logStreamNamePrefix=self.belonging.prefix
        )
        try:
            found = [one["logStreamName"] for page in pages for one in page["logStreams"]]
        except ClientError as error:
            if code_of(error) != GONE:
                raise
            return []
        return [name for name in found if self.belonging.is_stream(name)]

    def _tags(self, arn: str) -> dict[str, str]:
        self._in_time()
        try:
            return self.client.list_tags_for_resource(resourceArn=arn)["tags"]
        except ClientError as error:
            if code_of(error) != GONE:
                raise
            return {}

    def _delete(self, group: str, stream: str | None = None) -> None:
        self._in_time()
        try:
            if stream is None:
                self.client.delete_log_group(logGroupName=group)
            else:
                self.client.delete_log_stream(logGroupName=group, logStreamName=stream)
        except ClientError as error:
            if code_of(error) not in {GONE, CONFLICT}:
                raise

    def _in_time(self) -> None:
        if clock.now() >= self.until:
            raise OutOfTimeError
