"""ECR's pull-through cache rules and templates of repositories, by call and in stacks."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Resource, inventory
from mlstack.local.registry.pull_through import MOST, named
from tests.local.stacks import Stacks, Template

PUBLIC = "public.ecr.aws"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"  # noqa: S105 - an ARN


@pytest.fixture
def prefix(local_aws: LocalAws) -> Iterator[str]:
    """A prefix that is free, and is again after the test."""
    made, ecr = f"mirror-{uuid4().hex[:8]}", local_aws.client("ecr")
    yield made
    for rule in ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]:
        if rule["ecrRepositoryPrefix"].startswith(made):
            ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=rule["ecrRepositoryPrefix"])


def test_a_rule_is_made_told_validated_changed_and_deleted(local_aws: LocalAws, prefix: str) -> None:
    ecr, before = local_aws.client("ecr"), inventory(local_aws.client)

    made = ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, upstreamRegistryUrl=PUBLIC)
    [told] = ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=[prefix])["pullThroughCacheRules"]
    validated = ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix=prefix)
    ecr.update_pull_through_cache_rule(ecrRepositoryPrefix=prefix, credentialArn=SECRET)
    [changed] = ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=[prefix])["pullThroughCacheRules"]

    assert (made["upstreamRegistry"], made["upstreamRepositoryPrefix"]) == ("ecr-public", "ROOT")
    assert (told["upstreamRegistryUrl"], told["registryId"]) == (PUBLIC, "123456789012")
    assert (validated["isValid"], changed["credentialArn"]) == (True, SECRET)
    assert changed["updatedAt"] >= told["createdAt"]
    assert inventory(local_aws.client) - before == {Resource("pull-through rule", prefix)}
    ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=prefix)
    with pytest.raises(ClientError, match="PullThroughCacheRuleNotFoundException"):
        ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=prefix)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"upstreamRegistryUrl": "registry.example.com"}, "UnsupportedUpstreamRegistryException"),
        ({"upstreamRegistryUrl": "public.ecr.aws.example.com"}, "UnsupportedUpstreamRegistryException"),
        ({"upstreamRegistryUrl": "quay.io", "upstreamRegistry": "ecr-public"}, "UnsupportedUpstreamRegistryException"),
        ({"upstreamRegistryUrl": "registry-1.docker.io"}, "InvalidParameterException.*credentialArn is required"),
        ({"ecrRepositoryPrefix": "Upper"}, "InvalidParameterException.*regular expression"),
        ({"ecrRepositoryPrefix": "a-"}, "InvalidParameterException.*regular expression"),
        ({"ecrRepositoryPrefix": "x" * 31}, "InvalidParameterException.*less than or equal to 30"),
        ({"credentialArn": SECRET.replace("ecr-pull", "other-pull")}, "InvalidParameterException.*credentialArn"),
        ({"registryId": "111122223333"}, "InvalidParameterException.*registryId"),
    ],
)
def test_what_ecr_refuses_is_refused(local_aws: LocalAws, prefix: str, more: dict[str, str], code: str) -> None:
    asked = {"ecrRepositoryPrefix": prefix, "upstreamRegistryUrl": PUBLIC, **more}

    with pytest.raises(ClientError, match=code):
        local_aws.client("ecr").create_pull_through_cache_rule(**asked)


def test_a_prefix_is_taken_once_and_a_registry_has_so_many(local_aws: LocalAws, prefix: str) -> None:
    ecr = local_aws.client("ecr")
    there = len(ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"])
    for number in range(MOST - there):
        ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=f"{prefix}/{number}", upstreamRegistryUrl=PUBLIC)

    with pytest.raises(ClientError, match="PullThroughCacheRuleAlreadyExistsException"):
        ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=f"{prefix}/0", upstreamRegistryUrl=PUBLIC)
    with pytest.raises(ClientError, match="LimitExceededException"):
        ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, upstreamRegistryUrl=PUBLIC)
    pages = ecr.get_paginator("describe_pull_through_cache_rules").paginate(PaginationConfig={"PageSize": 7})
    assert sum(len(page["pullThroughCacheRules"]) for page in pages) == MOST
    with pytest.raises(ClientError, match="InvalidParameterException"):
        ecr.describe_pull_through_cache_rules(nextToken="none")


@pytest.mark.parametrize(
    ("url", "upstream"),
    [
        ("763104351884.dkr.ecr.eu-west-1.amazonaws.com", "ecr"),
        (PUBLIC, "ecr-public"),
        ("mine.azurecr.io", "azure-container-registry"),
        ("ghcr.io", "github-container-registry"),
        ("example.com", None),
        ("", None),
    ],
)
def test_an_upstream_is_known_by_its_address(url: str, upstream: str | None) -> None:
    assert named(url) == upstream


def rule(**said: object) -> dict[str, Template]:
    return {"Mirror": {"Type": "AWS::ECR::PullThroughCacheRule", "Properties": said}}


def told(aws: LocalAws, prefix: str) -> dict[str, Any]:
    [found] = aws.client("ecr").describe_pull_through_cache_rules(ecrRepositoryPrefixes=[prefix])[
        "pullThroughCacheRules"
    ]
    return dict(found)


def test_a_stack_makes_a_rule_changes_it_and_takes_it_away(stacks: Stacks, local_aws: LocalAws, prefix: str) -> None:
    before = inventory(local_aws.client)
    name = stacks.create(rule(EcrRepositoryPrefix=prefix, UpstreamRegistryUrl=PUBLIC))
    made = stacks.physical_id(name, "Mirror")

    stacks.update(name, rule(EcrRepositoryPrefix=prefix, UpstreamRegistryUrl=PUBLIC, CredentialArn=SECRET))
    changed = told(local_aws, prefix)
    stacks.update(name, rule(EcrRepositoryPrefix=f"{prefix}/other", UpstreamRegistry="quay"))
    other = told(local_aws, f"{prefix}/other")

    assert (made, changed["credentialArn"], other["upstreamRegistryUrl"]) == (prefix, SECRET, "quay.io")
    with pytest.raises(ClientError, match="NotFound"):
        told(local_aws, prefix)
    stacks.delete(name)
    assert inventory(local_aws.client) == before


def template(**more: object) -> dict[str, Template]:
    said = {
        "Prefix": "mirrored",
        "AppliedFor": ["PULL_THROUGH_CACHE"],
        "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "ImageTagMutabilityExclusionFilters": [
            {
                "ImageTagMutabilityExclusionFilterType": "WILDCARD",
                "ImageTagMutabilityExclusionFilterValue": "latest*",
            }
        ],
        "EncryptionConfiguration": {"EncryptionType": "AES256"},
        "ResourceTags": [{"Key": "stage", "Value": "test"}],
        **more,
    }
    return {"Template": {"Type": "AWS::ECR::RepositoryCreationTemplate", "Properties": said}}


def test_a_stack_makes_a_template_of_repositories(stacks: Stacks, local_aws: LocalAws) -> None:
    ecr, before = local_aws.client("ecr"), inventory(local_aws.client)
    at = {"Created": {"Value": {"Fn::GetAtt": ["Template", "CreatedAt"]}}}
    name = stacks.create(template(), Outputs=at)
    left = inventory(local_aws.client) - before

    stacks.update(name, template(Description="changed"), Outputs=at)

    [said] = ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
    assert said["description"] == "changed"
    assert said["resourceTags"] == [{"Key": "stage", "Value": "test"}]
    assert said["imageTagMutabilityExclusionFilters"] == [{"filterType": "WILDCARD", "filter": "latest*"}]
    assert left == {Resource("repository template", "mirrored"), Resource("stack", name)}
    assert stacks.outputs(name)["Created"].startswith("20")
    second = stacks.create(template())
    assert "already exists" in stacks.reasons(second)
    stacks.delete(name)
    with pytest.raises(ClientError, match="TemplateNotFoundException"):
        ecr.delete_repository_creation_template(prefix="mirrored")
