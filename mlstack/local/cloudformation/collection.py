"""AWS::Rekognition::Collection: with it go its faces."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties, tags


def _create(rekognition: Any, name: str, properties: Properties) -> str:  # noqa: ANN401 - a client
    rekognition.create_collection(CollectionId=name, Tags=tags(properties))
    return name


def _update(rekognition: Any, name: str, new: Properties, old: Properties) -> None:  # noqa: ANN401 - a client
    arn = _arn(rekognition, name)["Arn"]
    rekognition.untag_resource(ResourceArn=arn, TagKeys=[*tags(old)])
    rekognition.tag_resource(ResourceArn=arn, Tags=tags(new))


def _arn(rekognition: Any, name: str) -> dict[str, str]:  # noqa: ANN401 - a client
    return {"Arn": str(rekognition.describe_collection(CollectionId=name)["CollectionARN"])}


COLLECTION = Kind(
    type="AWS::Rekognition::Collection",
    service="rekognition",
    fixed=("CollectionId",),
    create=_create,
    update=_update,
    delete=lambda rekognition, name, _: rekognition.delete_collection(CollectionId=name),
    attributes=_arn,
)
