"""ECR's pull-through cache rules. Nothing is pulled through them here: no image comes from outside."""

import re
import time
from threading import Lock

from mlstack.local.environment import Place
from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.rekognition.failure import RekognitionError
from mlstack.local.rekognition.page import page

INVALID, TOO_MANY = "InvalidParameterException", "LimitExceededException"
EXISTS = "PullThroughCacheRuleAlreadyExistsException"
NOT_FOUND = "PullThroughCacheRuleNotFoundException"
UNSUPPORTED = "UnsupportedUpstreamRegistryException"
ROOT = "ROOT"
MOST = 50
"""Rules of a registry, by its quota."""
LARGEST_PAGE = 1000
UPSTREAMS: dict[str, tuple[str, bool]] = {
    "azure-container-registry": (r"[a-z0-9]+\.azurecr\.(io|us|cn)", True),
    "chainguard": (r"cgr\.dev", True),
    "docker-hub": (r"registry-1\.docker\.io", True),
    "ecr": (r"\d{12}\.dkr[.-]ecr\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|on\.aws)", False),
    "ecr-public": (r"public\.ecr\.aws", False),
    "github-container-registry": (r"ghcr\.io", True),
    "gitlab-container-registry": (r"registry\.gitlab\.com", True),
    "k8s": (r"registry\.k8s\.io", False),
    "quay": (r"quay\.io", False),
}
"""Whose images can be cached: the address of each, and whether it asks for a credential."""


class PullThrough:
    """The rules of one account and region by their prefix."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._rules: dict[str, Json] = {}
        self._lock = Lock()

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            "CreatePullThroughCacheRule": self._create,
            "DeletePullThroughCacheRule": self._delete,
            "DescribePullThroughCacheRules": self._describe,
            "UpdatePullThroughCacheRule": self._update,
            "ValidatePullThroughCacheRule": self._validate,
        }

    def _create(self, asked: Json) -> Json:
        url = str(asked["upstreamRegistryUrl"]).removeprefix("https://").rstrip("/")
        upstream = asked.get("upstreamRegistry") or named(url)
        if upstream is None or re.fullmatch(UPSTREAMS[upstream][0], url) is None:
            message = f"The specified upstream registry URL '{url}' is not supported."
            raise ServiceError(UNSUPPORTED, message)
        if UPSTREAMS[upstream][1] and not asked.get("credentialArn"):
            message = f"A credentialArn is required for the upstream registry {upstream}."
            raise ServiceError(INVALID, message)
        prefix, now = asked["ecrRepositoryPrefix"], time.time()
        rule = {
            **{name: value for name, value in asked.items() if name != "registryId" and value},
            "upstreamRegistryUrl": url,
            "upstreamRegistry": upstream,
            "upstreamRepositoryPrefix": asked.get("upstreamRepositoryPrefix", ROOT),
            "registryId": self._registry(asked),
            "createdAt": now,
            "updatedAt": now,
        }
        with self._lock:
            self._admit(prefix)
            self._rules[prefix] = rule
        return {name: value for name, value in rule.items() if name != "updatedAt"}

    def _admit(self, prefix: str) -> None:
        if prefix in self._rules:
            message = (
                f"A pull through cache rule with the prefix '{prefix}' already exists in the registry "
                f"with id '{self._place.account}'"
            )
            raise ServiceError(EXISTS, message)
        if len(self._rules) >= MOST:
            message = f"The quota of {MOST} pull through cache rules of the registry has been reached."
            raise ServiceError(TOO_MANY, message)

    def _delete(self, asked: Json) -> Json:
        rule = self._one(asked)
        with self._lock:
            self._rules.pop(asked["ecrRepositoryPrefix"], None)
        return {name: value for name, value in rule.items() if name not in {"updatedAt", "upstreamRegistry"}}

    def _describe(self, asked: Json) -> Json:
        self._registry(asked)
        wanted = asked.get("ecrRepositoryPrefixes")
        found = [self._one({**asked, "ecrRepositoryPrefix": prefix}) for prefix in wanted or sorted(self._rules)]
        try:
            shown, token = page(found, asked.get("maxResults", LARGEST_PAGE), asked.get("nextToken"), "pull-through")
        except RekognitionError as error:
            raise ServiceError(INVALID, error.message) from error
        return {"pullThroughCacheRules": shown, **({"nextToken": token} if token else {})}

    def _update(self, asked: Json) -> Json:
        rule = self._one(asked)
        rule |= {name: asked[name] for name in ("credentialArn", "customRoleArn") if asked.get(name)}
        rule["updatedAt"] = time.time()
        unsaid = {"createdAt", "upstreamRegistry", "upstreamRegistryUrl"}
        return {name: value for name, value in rule.items() if name not in unsaid}

    def _validate(self, asked: Json) -> Json:
        rule = self._one(asked)
        unsaid = {"createdAt", "updatedAt", "upstreamRegistry"}
        return {**{name: value for name, value in rule.items() if name not in unsaid}, "isValid": True}

    def _one(self, asked: Json) -> Json:
        registry, prefix = self._registry(asked), asked["ecrRepositoryPrefix"]
        if prefix not in self._rules:
            message = (
                f"The pull through cache rule with the prefix '{prefix}' does not exist in the registry "
                f"with id '{registry}'"
            )
            raise ServiceError(NOT_FOUND, message)
        return self._rules[prefix]

    def _registry(self, asked: Json) -> str:
        registry = str(asked.get("registryId", self._place.account))
        if registry != self._place.account:
            message = f"Invalid parameter at 'registryId': the registry '{registry}' is not of this account"
            raise ServiceError(INVALID, message)
        return registry


def named(url: str) -> str | None:
    """Which upstream registry has an address; nothing for one that ECR does not cache."""
    return next((name for name, (pattern, _) in UPSTREAMS.items() if re.fullmatch(pattern, url)), None)
