"""AWS::ECR::PullThroughCacheRule and RepositoryCreationTemplate, which moto lacks."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.named import fitting
from mlstack.local.cloudformation.spelling import lower
from mlstack.local.cloudformation.typed import typed

Client = Any
LONGEST = 30
CHANGING = ("CredentialArn", "CustomRoleArn")
EXCLUSION = "ImageTagMutabilityExclusionFilter"
URLS = {
    "chainguard": "cgr.dev",
    "docker-hub": "registry-1.docker.io",
    "ecr-public": "public.ecr.aws",
    "github-container-registry": "ghcr.io",
    "gitlab-container-registry": "registry.gitlab.com",
    "k8s": "registry.k8s.io",
    "quay": "quay.io",
}
"""The addresses of those that have one alone; a template may leave it out."""


def _rule(ecr: Client, name: str, properties: Properties) -> str:
    prefix = name if properties.get("EcrRepositoryPrefix") else fitting(name, LONGEST).lower()
    url = properties.get("UpstreamRegistryUrl") or URLS.get(properties.get("UpstreamRegistry", ""), "")
    asked = {**properties, "EcrRepositoryPrefix": prefix, "UpstreamRegistryUrl": url}
    ecr.create_pull_through_cache_rule(**typed("ecr", "CreatePullThroughCacheRule", lower(asked)))
    return prefix


def _rule_again(ecr: Client, name: str, new: Properties, old: Properties) -> None:
    changed = {key: new[key] for key in CHANGING if key in new and new.get(key) != old.get(key)}
    if changed:
        ecr.update_pull_through_cache_rule(ecrRepositoryPrefix=name, **lower(changed))


def _template(ecr: Client, _name: str, properties: Properties) -> str:
    ecr.create_repository_creation_template(**_asked("Create", properties))
    return str(properties["Prefix"])


def _template_again(ecr: Client, _name: str, new: Properties, _old: Properties) -> None:
    ecr.update_repository_creation_template(**_asked("Update", new))


def _asked(verb: str, properties: Properties) -> dict[str, Any]:
    """A template's tags keep their spelling: ECR's own."""
    asked = lower({key: value for key, value in properties.items() if key not in {"ResourceTags", f"{EXCLUSION}s"}})
    if "ResourceTags" in properties:
        asked["resourceTags"] = properties["ResourceTags"]
    if f"{EXCLUSION}s" in properties:
        asked["imageTagMutabilityExclusionFilters"] = [
            {"filterType": one[f"{EXCLUSION}Type"], "filter": one[f"{EXCLUSION}Value"]}
            for one in properties[f"{EXCLUSION}s"]
        ]
    return typed("ecr", f"{verb}RepositoryCreationTemplate", asked)


def _times(ecr: Client, name: str) -> dict[str, str]:
    [said] = ecr.describe_repository_creation_templates(prefixes=[name])["repositoryCreationTemplates"]
    return {"CreatedAt": said["createdAt"].isoformat(), "UpdatedAt": said["updatedAt"].isoformat()}


PULL_THROUGH = (
    Kind(
        type="AWS::ECR::PullThroughCacheRule",
        service="ecr",
        fixed=("EcrRepositoryPrefix", "UpstreamRegistry", "UpstreamRegistryUrl", "UpstreamRepositoryPrefix"),
        create=_rule,
        update=_rule_again,
        delete=lambda ecr, name, _: ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=name),
    ),
    Kind(
        type="AWS::ECR::RepositoryCreationTemplate",
        service="ecr",
        fixed=("Prefix",),
        create=_template,
        update=_template_again,
        delete=lambda ecr, name, _: ecr.delete_repository_creation_template(prefix=name),
        attributes=_times,
    ),
)
