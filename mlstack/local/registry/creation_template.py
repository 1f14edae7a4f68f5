"""ECR's templates of the repositories that a pull through, or a push, creates."""

import time
from threading import Lock

from mlstack.local.environment import Place
from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.rekognition.failure import RekognitionError
from mlstack.local.rekognition.page import page

LARGEST_PAGE = 1000
EXISTS, NOT_FOUND = "TemplateAlreadyExistsException", "TemplateNotFoundException"
INVALID = "InvalidParameterException"


class CreationTemplates:
    """The templates of one account and region by their prefix."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._templates: dict[str, Json] = {}
        self._lock = Lock()

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            "CreateRepositoryCreationTemplate": self._create,
            "DeleteRepositoryCreationTemplate": lambda asked: self._told(self._taken(asked)),
            "DescribeRepositoryCreationTemplates": self._describe,
            "UpdateRepositoryCreationTemplate": self._update,
        }

    def _create(self, asked: Json) -> Json:
        prefix, now = asked["prefix"], time.time()
        plain = {"encryptionConfiguration": {"encryptionType": "AES256"}, "imageTagMutability": "MUTABLE"}
        with self._lock:
            if prefix in self._templates:
                message = (
                    f"The repository creation template with prefix '{prefix}' already exists in the registry "
                    f"with id '{self._place.account}'"
                )
                raise ServiceError(EXISTS, message)
            self._templates[prefix] = {**plain, **asked, "createdAt": now, "updatedAt": now}
        return self._told(self._templates[prefix])

    def _update(self, asked: Json) -> Json:
        self._one(asked)
        with self._lock:
            self._templates[asked["prefix"]] |= {**asked, "updatedAt": time.time()}
        return self._told(self._one(asked))

    def _describe(self, asked: Json) -> Json:
        wanted = asked.get("prefixes")
        found = [self._one({"prefix": prefix}) for prefix in wanted or sorted(self._templates)]
        try:
            shown, token = page(found, asked.get("maxResults", LARGEST_PAGE), asked.get("nextToken"), "templates")
        except RekognitionError as error:
            raise ServiceError(INVALID, error.message) from error
        more = {"nextToken": token} if token else {}
        return {"registryId": self._place.account, "repositoryCreationTemplates": shown, **more}

    def _one(self, asked: Json) -> Json:
        if asked["prefix"] not in self._templates:
            message = (
                f"The repository creation template with prefix '{asked['prefix']}' does not exist in the registry "
                f"with id '{self._place.account}'"
            )
            raise ServiceError(NOT_FOUND, message)
        return self._templates[asked["prefix"]]

    def _taken(self, asked: Json) -> Json:
        found = self._one(asked)
        with self._lock:
            self._templates.pop(asked["prefix"], None)
        return found

    def _told(self, template: Json) -> Json:
        return {"registryId": self._place.account, "repositoryCreationTemplate": template}
