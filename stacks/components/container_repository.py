"""A repository of container images that follows the retention mode."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from stacks.components.retention import Retention


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerRepositoryProps:
    """What becomes of the images: with the stage, and when newer ones come."""

    retention: Retention
    kept_images: int = 10
    """Older ones go; what runs on an older one cannot start again."""
    copy_of: str | None = None
    """The name that a copy of a public repository must have; its tags move as they do there."""


class ContainerRepository(Construct):
    """Encrypted, scanned on push; a tag means one image for ever, but in a copy; old images go by themselves."""

    def __init__(self, scope: Construct, construct_id: str, props: ContainerRepositoryProps) -> None:
        super().__init__(scope, construct_id)
        self.resource = ecr.Repository(
            self,
            "Resource",
            empty_on_delete=not props.retention.keeps_data,
            encryption=ecr.RepositoryEncryption.AES_256,
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.MUTABLE if props.copy_of else ecr.TagMutability.IMMUTABLE,
            lifecycle_rules=[
                ecr.LifecycleRule(
                    description="What a push left without a tag",
                    max_image_age=cdk.Duration.days(1),
                    rule_priority=1,
                    tag_status=ecr.TagStatus.UNTAGGED,
                ),
                _newest(props.kept_images, tagged=props.copy_of is not None),
            ],
            removal_policy=props.retention.removal_policy,
            repository_name=props.copy_of,
        )


def _newest(count: int, *, tagged: bool) -> ecr.LifecycleRule:
    """All but the newest go; of copies those with a tag count: the parts of a list have none, and stay with it."""
    chosen = (
        {"tag_status": ecr.TagStatus.TAGGED, "tag_pattern_list": ["*"]} if tagged else {"tag_status": ecr.TagStatus.ANY}
    )
    return ecr.LifecycleRule(description=f"All but the last {count}", max_image_count=count, rule_priority=2, **chosen)
