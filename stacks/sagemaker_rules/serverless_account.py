"""What an account may have of serverless inference, and where."""

from collections.abc import Iterator

from stacks.sagemaker_rules.hosting import Hosting, Kind
from stacks.sagemaker_rules.rule import Rule, Violation, guide

PAGE = guide("serverless-endpoints")
ENDPOINTS = 50
ACCOUNT_CONCURRENCY = 500
LARGE_ACCOUNT_CONCURRENCY = 1000
LARGE_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-central-1",
        "eu-west-1",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)
REGIONS = LARGE_REGIONS | {
    "af-south-1",
    "ap-east-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ca-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-2",
    "eu-west-3",
    "me-south-1",
    "sa-east-1",
    "us-west-1",
}

CONCURRENCY_QUOTA = Rule(
    "serverless-concurrency-quota",
    "The serverless endpoints of this template want {total:g} concurrent invocations and AWS grants an account "
    "{quota} in this region: lower MaxConcurrency, or ask AWS for more first.",
    PAGE,
)
ENDPOINT_QUOTA = Rule(
    "serverless-endpoint-quota",
    "This template has {count} serverless endpoints and AWS grants an account 50 a region: put models together.",
    PAGE,
)
REGION = Rule(
    "serverless-region",
    "AWS lists no serverless inference in {region}: deploy to another region, or serve on instances.",
    PAGE,
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """Where the serverless endpoints of a template together want more than AWS grants."""
    serverless = [one for one in hosting.configurations if one.kind is Kind.SERVERLESS]
    region = hosting.template.region
    wanted = [
        variant.at("ServerlessConfig").number("MaxConcurrency") or 0
        for configuration in serverless
        for variant in configuration.production
    ]
    quota = LARGE_ACCOUNT_CONCURRENCY if region in LARGE_REGIONS else ACCOUNT_CONCURRENCY
    for configuration in serverless[:1]:  # the account's limits are nobody's fault alone: the first one is named
        if sum(wanted) > quota:
            yield CONCURRENCY_QUOTA.on(configuration.id, total=sum(wanted), quota=quota)
        if len(serverless) > ENDPOINTS:
            yield ENDPOINT_QUOTA.on(configuration.id, count=len(serverless))
        if region and region not in REGIONS:
            yield REGION.on(configuration.id, region=region)
