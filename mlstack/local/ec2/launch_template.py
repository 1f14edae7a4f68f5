"""Launch templates: an image is looked for when a version is made, as on AWS; moto keeps the tags of the beginning."""

from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion

from mlstack.local.ec2 import image
from mlstack.local.mend import replace

TAGS = "tags"


def mend() -> None:
    """Refuse a version whose image means nothing, and tell the tags of now."""
    moto_create = LaunchTemplate.create_version

    def create_version(self: LaunchTemplate, data: dict[str, Any], description: str) -> LaunchTemplateVersion:
        if data.get("ImageId"):
            image.resolved(self.ec2_backend.account_id, self.ec2_backend.region_name, data["ImageId"])
        return moto_create(self, data, description)

    replace(LaunchTemplate, "create_version", create_version)
    setattr(LaunchTemplate, TAGS, property(LaunchTemplate.get_tags, _unheard))


def _unheard(_self: LaunchTemplate, _tags: object) -> None:
    """Let go of the tags that moto notes down at the beginning."""
