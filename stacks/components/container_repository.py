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


class ContainerRepository(Construct):
    """Encrypted, scanned on push; a tag means one image for ever; old images go by themselves."""

    def __init__(self, scope: Construct, construct_id: str, props: ContainerRepositoryProps) -> None:
        super().__init__(scope, construct_id)
        self.resource = ecr.Repository(
            self,
            "Resource",
            empty_on_delete=not props.retention.keeps_data,
            encryption=ecr.RepositoryEncryption.AES_256,
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            lifecycle_rules=[
                ecr.LifecycleRule(
                    description="What a push left without a tag",
                    max_image_age=cdk.Duration.days(1),
                    rule_priority=1,
                    tag_status=ecr.TagStatus.UNTAGGED,
                ),
                ecr.LifecycleRule(
                    description=f"All but the last {props.kept_images}",
                    max_image_count=props.kept_images,
                    rule_priority=2,
                    tag_status=ecr.TagStatus.ANY,
                ),
            ],
            removal_policy=props.retention.removal_policy,
        )
