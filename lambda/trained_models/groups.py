"""The groups of versions: made where they are missing, and taken over where an earlier stage has left them.

CloudFormation does not own them: a group that a durable stage leaves would stop every later stage of the same name.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared import clock
from shared.clearing import OutOfTimeError
from shared.custom_resource import UnfulfilledError
from shared.fault import code_of
from shared.patience import patiently
from shared.sagemaker_refusal import is_gone, is_taken
from trained_models.belonging import MODEL, STAGE, Belonging
from trained_models.packages import CONFLICT, delete_all
from trained_models.tagging import tags_of

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import TagTypeDef

logger = logging.getLogger(__name__)

LONGEST = timedelta(minutes=4)
"""How long one group may take while SageMaker is slow and refuses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Groups:
    """The groups of one stage: those of its profile, by name, and those that it left behind."""

    client: "SageMakerClient"
    belonging: Belonging
    names: Sequence[str]
    until: datetime

    def make(self, tags: Mapping[str, str]) -> None:
        """Let every group of the profile be there, tagged as the stage's; no other is touched, and no version.

        Raises:
            UnfulfilledError: where a group is another stage's, or there is not time enough.
            ClientError: for every refusal that does not pass.
        """
        for name in self.names:
            if clock.now() + LONGEST > self.until:
                message = "there was not time enough for every group of versions: deploy again, which goes on from here"
                raise UnfulfilledError(message)
            model = name.removeprefix(self.belonging.prefix)
            patiently(partial(self._make, name, model, {**tags, STAGE: self.belonging.stage, MODEL: model}))

    def delete(self) -> list[str]:
        """Delete every group of the stage with its versions, and say what was still there.

        A version that somebody registers meanwhile is found by the next look.
        """
        left = []
        for name in self._doomed():
            versions = delete_all(self.client, name, until=self.until)
            if versions or self._delete(name):
                left += versions or [f"model package group {name}"]
        return left

    def _make(self, name: str, model: str, tags: Mapping[str, str]) -> None:
        try:
            self.client.create_model_package_group(
                ModelPackageGroupName=name,
                ModelPackageGroupDescription=f"Versions of the model {model}",
                Tags=_listed(tags),
            )
        except ClientError as error:
            if not is_taken(error):
                raise
            self._take_over(name, tags)

    def _take_over(self, name: str, tags: Mapping[str, str]) -> None:
        """Call a group the stage's; one that says it is another stage's stays as it is."""
        arn = self.client.describe_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
        found = tags_of(self.client, arn)
        if found.get(STAGE, self.belonging.stage) != self.belonging.stage:
            message = f"the model package group {name} is of stage {found[STAGE]}: give the model another name"
            raise UnfulfilledError(message)
        if not tags.items() <= found.items():
            self.client.add_tags(ResourceArn=arn, Tags=_listed(tags))
        logger.info("%s was there already", name)

    def _doomed(self) -> Iterator[str]:
        """The groups of the profile, and all that are tagged as the stage's; none of another stage."""
        pages = self.client.get_paginator("list_model_package_groups").paginate(NameContains=self.belonging.prefix)
        found = [one for page in pages for one in page["ModelPackageGroupSummaryList"]]
        arns = {one["ModelPackageGroupName"]: one["ModelPackageGroupArn"] for one in found}
        for name in dict.fromkeys([*self.names, *filter(self.belonging.is_named, arns)]):
            self._in_time()
            arn = arns.get(name) or self._arn(name)  # a list may be late to know one that was made just now
            if arn is None:
                continue
            stage = tags_of(self.client, arn).get(STAGE)
            if stage == self.belonging.stage or (stage is None and name in self.names):
                yield name
            elif name in self.names:
                logger.warning("%s is left: it is of stage %s", name, stage)

    def _arn(self, name: str) -> str | None:
        """What AWS calls a group; None where there is none."""
        try:
            return self.client.describe_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
        except ClientError as error:
            if not is_gone(error):
                raise
            return None

    def _delete(self, name: str) -> bool:
        """Delete a group without versions, and say whether it was there."""
        self._in_time()
        try:
            self.client.delete_model_package_group(ModelPackageGroupName=name)
        except ClientError as error:
            if is_gone(error):
                return False
            if code_of(error) != CONFLICT:
                raise
        return True

    def _in_time(self) -> None:
        if clock.now() >= self.until:
            raise OutOfTimeError


def _listed(tags: Mapping[str, str]) -> list["TagTypeDef"]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
