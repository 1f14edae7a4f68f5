"""Copies of public images in the account: near, scanned, and there when their registry is not."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.components.container_repository import ContainerRepository, ContainerRepositoryProps
from stacks.components.retention import Retention, declare_transient

PUBLIC = "public.ecr.aws"
KEPT_IMAGES = 4
"""By their tags."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicMirrorProps:
    """Which repositories of Amazon ECR Public are copied, and under which prefix."""

    prefix: str
    """2 to 30 letters, the registry's alone."""
    repositories: Sequence[str]


class PublicMirror(Construct):
    """A pull-through cache: the first pull of a tag copies it, and the first after a day looks whether it has moved.

    ECR would make the copies' repositories by itself, to be forgotten when the stack goes. So they are made here, and
    go with a durable stage too.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
    """

    def __init__(self, scope: Construct, construct_id: str, props: PublicMirrorProps) -> None:
        super().__init__(scope, construct_id)
        self._copies = {
            name: ContainerRepository(
                self,
                "".join(part.capitalize() for part in name.replace("-", "/").split("/")),
                ContainerRepositoryProps(
                    retention=Retention.EPHEMERAL, kept_images=KEPT_IMAGES, copy_of=f"{props.prefix}/{name}"
                ),
            ).resource
            for name in sorted(props.repositories)
        }
        for copy in self._copies.values():
            declare_transient(copy, "A copy of what everybody can pull.")
        rule = ecr.CfnPullThroughCacheRule(
            self, "Rule", ecr_repository_prefix=props.prefix, upstream_registry_url=PUBLIC
        )
        for copy in self._copies.values():  # a rule without them would make others
            rule.node.add_dependency(copy)

    def uri(self, public: str) -> str:
        """Where the copy of a public image is pulled from; any other text as it is."""
        registry, _, rest = public.partition("/")
        name, _, tag = rest.partition(":")
        return self._copies[name].repository_uri_for_tag(tag) if registry == PUBLIC else public

    def allow(self, role: iam.IRole) -> None:
        """Let a build pull copies, and have what is not there yet copied."""
        for copy in self._copies.values():
            copy.grant(
                role,
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:BatchImportUpstreamImage",
                "ecr:GetDownloadUrlForLayer",
            )
