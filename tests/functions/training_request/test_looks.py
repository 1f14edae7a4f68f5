"""What AWS is asked, and what its answers and its faults become."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from shared import clients
from tests.functions.training_request.conftest import TOLD, planned, train, version
from training_request import endpoint_look, looks, package_look, quota_look, reading, s3_look
from training_request.facts import Facts, Listing, Object
from training_request.problems import Problems
from training_request.request import Request

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_service_quotas import ServiceQuotasClient

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/mlstack-sandbox-waste-sorter"
NAME = "mlstack-sandbox-waste"
SPOT = "ml.m5.xlarge for spot training job usage"


@pytest.fixture(scope="module")
def s3_client() -> "S3Client":
    return boto3.client("s3", config=ONCE)


@pytest.fixture(scope="module")
def sagemaker_client() -> "SageMakerClient":
    return boto3.client("sagemaker", config=ONCE)


@pytest.fixture(scope="module")
def quotas_client() -> "ServiceQuotasClient":
    return boto3.client("service-quotas", config=ONCE)


@pytest.fixture
def s3(s3_client: "S3Client") -> Iterator[Stubber]:
    with Stubber(s3_client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def sagemaker(sagemaker_client: "SageMakerClient") -> Iterator[Stubber]:
    with Stubber(sagemaker_client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def quotas(quotas_client: "ServiceQuotasClient") -> Iterator[Stubber]:
    with Stubber(quotas_client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def objects(*keys: str, size: int = 9) -> list[dict[str, Any]]:
    return [{"Key": key, "Size": size} for key in keys]


def asked(prefix: str) -> dict[str, Any]:
    return {"Bucket": "datasets", "Prefix": prefix, "Delimiter": "/", "MaxKeys": 1000}


@pytest.mark.parametrize("uri", ["s3://datasets/waste/train/", "s3://datasets/waste/train"])
def test_a_folder_is_found_with_its_labels(s3: Stubber, s3_client: "S3Client", uri: str) -> None:
    folders = [{"Prefix": "waste/train/compost/"}, {"Prefix": "waste/train/landfill/"}]
    s3.add_response("list_objects_v2", {"CommonPrefixes": folders}, asked("waste/train/"))

    found = s3_look.listing(s3_client, uri)

    assert found == Listing(found="s3://datasets/waste/train/", folders=("compost", "landfill"))


def test_a_folder_of_files_tells_how_their_names_end(s3: Stubber, s3_client: "S3Client") -> None:
    s3.add_response("list_objects_v2", {"Contents": objects("new/1.CSV", "new/2.csv")}, asked("new/"))

    found = s3_look.listing(s3_client, "s3://datasets/new/")

    assert (found.found, found.suffix) == ("s3://datasets/new/", ".csv")


def test_every_object_is_known_by_its_size_but_the_folders_own_marker(s3: Stubber, s3_client: "S3Client") -> None:
    there = [*objects("new/", "new/0.png", size=0), *objects("new/1.png")]
    s3.add_response("list_objects_v2", {"Contents": there}, asked("new/"))

    found = s3_look.listing(s3_client, "s3://datasets/new/")

    assert found.example == "new/1.png"
    assert found.objects == (Object(key="new/0.png", size=0), Object(key="new/1.png", size=9))


def test_a_folder_that_holds_its_own_marker_alone_is_empty(s3: Stubber, s3_client: "S3Client") -> None:
    s3.add_response("list_objects_v2", {"Contents": objects("new/", size=0)}, asked("new/"))

    assert s3_look.listing(s3_client, "s3://datasets/new/") == Listing()


def test_an_object_is_found_by_its_whole_key(s3: Stubber, s3_client: "S3Client") -> None:
    s3.add_response("list_objects_v2", {}, asked("labels.lst/"))
    whole = {"Bucket": "datasets", "Prefix": "labels.lst", "MaxKeys": 1}
    s3.add_response("list_objects_v2", {"Contents": objects("labels.lst")}, whole)

    found = s3_look.listing(s3_client, "s3://datasets/labels.lst")

    assert found == Listing(
        found="s3://datasets/labels.lst", example="labels.lst", objects=(Object(key="labels.lst", size=9),)
    )


def test_what_only_begins_alike_is_nothing(s3: Stubber, s3_client: "S3Client") -> None:
    s3.add_response("list_objects_v2", {}, asked("waste/"))
    s3.add_response("list_objects_v2", {"Contents": objects("waste-old/1.png")})

    assert s3_look.listing(s3_client, "s3://datasets/waste") == Listing()


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "SlowDown", "InternalError"])
def test_a_bucket_that_says_no_is_a_failure_with_its_words(s3: Stubber, s3_client: "S3Client", code: str) -> None:
    s3.add_client_error("list_objects_v2", code, "Not now")

    assert s3_look.listing(s3_client, "s3://datasets/x/") == Listing(failure=f"{code}: Not now")


def page(*quotas: tuple[str, float], more: str = "") -> dict[str, Any]:
    found = [{"QuotaName": name, "QuotaCode": f"L-{value:g}", "Value": value} for name, value in quotas]
    return {"Quotas": found, **({"NextToken": more} if more else {})}


FIRST = {"ServiceCode": "sagemaker", "MaxResults": 100}


def test_quotas_are_read_page_by_page_until_all_are_found(
    quotas: Stubber, quotas_client: "ServiceQuotasClient"
) -> None:
    quotas.add_response("list_service_quotas", page(("other", 1), more="two"), FIRST)
    quotas.add_response("list_service_quotas", page((SPOT, 4), more="three"), FIRST | {"NextToken": "two"})

    found = quota_look.quotas(quotas_client, frozenset({SPOT}))

    assert (found.known[SPOT].value, found.known[SPOT].code) == (4, "L-4")
    assert (found.failure, found.not_offered) == ("", frozenset())


def test_a_quota_without_a_value_of_its_own_has_the_default(
    quotas: Stubber, quotas_client: "ServiceQuotasClient"
) -> None:
    quotas.add_response("list_service_quotas", page(("other", 1)), FIRST)
    quotas.add_response("list_aws_default_service_quotas", page((SPOT, 2)), FIRST)

    assert quota_look.quotas(quotas_client, frozenset({SPOT})).known[SPOT].value == 2


def test_a_type_that_the_region_knows_nothing_of_is_not_offered(
    quotas: Stubber, quotas_client: "ServiceQuotasClient"
) -> None:
    alike = page(("ml.c5.xlarge for spot training job usage", 2))
    quotas.add_response("list_service_quotas", alike, FIRST)
    quotas.add_response("list_aws_default_service_quotas", alike, FIRST)

    found = quota_look.quotas(quotas_client, frozenset({SPOT}))

    assert found.not_offered == frozenset({SPOT})


def test_a_region_that_tells_of_no_type_at_all_proves_nothing(
    quotas: Stubber, quotas_client: "ServiceQuotasClient"
) -> None:
    quotas.add_response("list_service_quotas", page(("other", 1)), FIRST)
    quotas.add_response("list_aws_default_service_quotas", page(("other", 1)), FIRST)

    found = quota_look.quotas(quotas_client, frozenset({SPOT, "other things"}))

    assert (found.not_offered, found.known) == (frozenset(), {})


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException", "ServiceException"])
def test_quotas_that_may_not_be_read_are_a_failure(
    quotas: Stubber, quotas_client: "ServiceQuotasClient", code: str
) -> None:
    quotas.add_client_error("list_service_quotas", code)

    assert quota_look.quotas(quotas_client, frozenset({SPOT})).failure == code


def test_defaults_that_may_not_be_read_leave_what_is_known(
    quotas: Stubber, quotas_client: "ServiceQuotasClient"
) -> None:
    quotas.add_response("list_service_quotas", page(("known", 3)), FIRST)
    quotas.add_client_error("list_aws_default_service_quotas", "AccessDeniedException")

    found = quota_look.quotas(quotas_client, frozenset({"known", SPOT}))

    assert list(found.known) == ["known"]
    assert found.failure == f"no value for {SPOT}; AccessDeniedException"


def test_nothing_is_asked_for_nothing(quotas_client: "ServiceQuotasClient") -> None:
    with Stubber(quotas_client):
        assert not quota_look.quotas(quotas_client, frozenset()).known


def summary(number: int) -> dict[str, Any]:
    return {
        "ModelPackageArn": f"{ARN}/{number}",
        "ModelPackageVersion": number,
        "ModelPackageStatus": "Completed",
        "CreationTime": 0,
    }


DESCRIBED = {
    "ModelPackageName": "mlstack-sandbox-waste-sorter",
    "ModelPackageArn": f"{ARN}/2",
    "CreationTime": 0,
    "ModelPackageStatus": "Completed",
    "ModelPackageStatusDetails": {"ValidationStatuses": []},
    "ModelApprovalStatus": "Approved",
    "CustomerMetadataProperties": {"algorithm": "own"},
    "InferenceSpecification": {
        "Containers": [{"Image": "image", "ModelDataUrl": "s3://models/model.tar.gz", "Environment": {"A": "b"}}],
        "SupportedContentTypes": ["image/png"],
        "SupportedResponseMIMETypes": ["application/json"],
    },
}


def test_a_version_is_found_on_a_later_page(sagemaker: Stubber, sagemaker_client: "SageMakerClient") -> None:
    listed = {
        "ModelPackageGroupName": "group",
        "MaxResults": 100,
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
    }
    sagemaker.add_response(
        "list_model_packages", {"ModelPackageSummaryList": [summary(3)], "NextToken": "more"}, listed
    )
    sagemaker.add_response(
        "list_model_packages", {"ModelPackageSummaryList": [summary(2)]}, listed | {"NextToken": "more"}
    )
    sagemaker.add_response("describe_model_package", DESCRIBED, {"ModelPackageName": f"{ARN}/2"})

    found, versions = package_look.package(sagemaker_client, "group", 2)

    assert found
    assert versions == (3, 2)
    assert (found.arn, found.approval, found.artifacts) == (f"{ARN}/2", "Approved", "s3://models/model.tar.gz")
    assert (found.image, dict(found.environment), dict(found.metadata)) == ("image", {"A": "b"}, {"algorithm": "own"})


def test_a_version_that_is_not_there_is_none(sagemaker: Stubber, sagemaker_client: "SageMakerClient") -> None:
    sagemaker.add_response("list_model_packages", {"ModelPackageSummaryList": [summary(1), summary(3)]})

    assert package_look.package(sagemaker_client, "group", 2) == (None, (3, 1))


def test_a_version_without_containers_has_no_artifacts(sagemaker: Stubber, sagemaker_client: "SageMakerClient") -> None:
    bare = {name: part for name, part in DESCRIBED.items() if name != "InferenceSpecification"}
    sagemaker.add_response("list_model_packages", {"ModelPackageSummaryList": [summary(2)]})
    sagemaker.add_response("describe_model_package", bare)

    found, _ = package_look.package(sagemaker_client, "group", 2)

    assert found
    assert (found.artifacts, found.image) == ("", "")


def endpoint_answers(
    sagemaker: Stubber,
    status: str,
    *variants: dict[str, Any],
    shadows: bool = False,
    tagged: Mapping[str, str] | None = None,
) -> None:
    told = {"EndpointName": NAME, "EndpointArn": f"{ARN}/e-for-length", "EndpointStatus": status}
    times = {"CreationTime": 0, "LastModifiedTime": 0}
    sagemaker.add_response(
        "describe_endpoint", {**told, **times, "EndpointConfigName": "config"}, {"EndpointName": NAME}
    )
    config = {"EndpointConfigName": "config", "EndpointConfigArn": f"{ARN}/c-for-length", "CreationTime": 0}
    kinds = {"ShadowProductionVariants": [*variants]} if shadows else {}
    sagemaker.add_response(
        "describe_endpoint_config",
        {**config, "ProductionVariants": [*variants], **kinds},
        {"EndpointConfigName": "config"},
    )
    tags = {"Tags": [{"Key": key, "Value": value} for key, value in (tagged or {}).items()]}
    sagemaker.add_response("list_tags", tags, {"ResourceArn": f"{ARN}/e-for-length"})


SERVERLESS = {"VariantName": "A", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
INSTANCES = {"VariantName": "A", "ModelName": "m", "InstanceType": "ml.m5.large"}
COMPONENTS = {"VariantName": "A", "InstanceType": "ml.m5.large"}


@pytest.mark.parametrize(
    ("variant", "with_model", "serverless"),
    [(SERVERLESS, True, True), (INSTANCES, True, False), (COMPONENTS, False, False)],
)
def test_an_endpoint_is_known_by_its_configuration(
    sagemaker: Stubber,
    sagemaker_client: "SageMakerClient",
    variant: dict[str, Any],
    *,
    with_model: bool,
    serverless: bool,
) -> None:
    endpoint_answers(sagemaker, "InService", variant, tagged={"mlstack:execution": "first"} if serverless else {})

    found = endpoint_look.endpoint(sagemaker_client, NAME)

    assert found
    assert (found.status, found.variants) == ("InService", ("A",))
    assert (found.with_model, found.serverless, found.ours) == (with_model, serverless, serverless)


@pytest.mark.parametrize(
    ("tags", "stages"),
    [
        ({}, set()),
        ({"owner": "team"}, set()),
        ({"stage": "sandbox-a"}, {"sandbox-a"}),
        ({"mlstack:stage": "sandbox", "stage": "sandbox"}, {"sandbox"}),
        ({"mlstack:stage": "sandbox-a", "mlstack:execution": "first"}, {"sandbox-a"}),
    ],
)
def test_an_endpoint_is_of_the_stage_that_its_tags_name(
    sagemaker: Stubber, sagemaker_client: "SageMakerClient", tags: dict[str, str], stages: set[str]
) -> None:
    endpoint_answers(sagemaker, "InService", SERVERLESS, tagged=tags)

    found = endpoint_look.endpoint(sagemaker_client, NAME)

    assert found
    assert found.stages == stages


def test_a_shadow_variant_counts_as_one_more(sagemaker: Stubber, sagemaker_client: "SageMakerClient") -> None:
    endpoint_answers(sagemaker, "InService", INSTANCES, shadows=True)

    found = endpoint_look.endpoint(sagemaker_client, NAME)

    assert found
    assert found.variants == ("A", "A")


def test_an_endpoint_whose_tags_may_not_be_read_is_nobodys(
    sagemaker: Stubber, sagemaker_client: "SageMakerClient"
) -> None:
    told = {"EndpointName": NAME, "EndpointArn": f"{ARN}/e-for-length", "EndpointStatus": "InService"}
    times = {"CreationTime": 0, "LastModifiedTime": 0}
    config = {"EndpointConfigName": "config", "EndpointConfigArn": f"{ARN}/c-for-length", "CreationTime": 0}
    sagemaker.add_response("describe_endpoint", {**told, **times, "EndpointConfigName": "config"})
    sagemaker.add_response("describe_endpoint_config", {**config, "ProductionVariants": [SERVERLESS]})
    sagemaker.add_client_error("list_tags", "AccessDeniedException")

    found = endpoint_look.endpoint(sagemaker_client, NAME)

    assert found
    assert (found.ours, found.stages) == (None, frozenset())


def test_an_endpoint_that_is_not_there_is_none(sagemaker: Stubber, sagemaker_client: "SageMakerClient") -> None:
    sagemaker.add_client_error("describe_endpoint", "ValidationException", 'Could not find endpoint "x".')

    assert endpoint_look.endpoint(sagemaker_client, NAME) is None


def looked(request: dict[str, Any], monkeypatch: pytest.MonkeyPatch, **fakes: object) -> Facts:
    for name, client in fakes.items():
        monkeypatch.setattr(clients, name, lambda client=client: client)
    return looks.look(read(request), (), (), TOLD)


def read(request: dict[str, Any]) -> Request:
    return reading.read({"request": request, "execution": "first"}, TOLD, Problems())


DEPLOY = train() | {"approval": "automatic", "deploy": {"endpoint": "waste"}}


def test_faults_of_sagemaker_are_facts(
    sagemaker: Stubber,
    sagemaker_client: "SageMakerClient",
    s3_client: "S3Client",
    quotas_client: "ServiceQuotasClient",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker.add_client_error("list_model_packages", "AccessDeniedException", "no")
    sagemaker.add_client_error("describe_endpoint", "ThrottlingException", "slowly")
    fakes = {"sagemaker": sagemaker_client, "s3": s3_client, "service_quotas": quotas_client}

    found = looked(version(deploy={"endpoint": "waste"}), monkeypatch, **fakes)

    assert found.package_failure == "AccessDeniedException: no"
    assert found.endpoint_failure == "ThrottlingException: slowly"


class Unreachable:
    """An AWS that cannot be reached."""

    def __getattr__(self, _name: str) -> Any:  # noqa: ANN401 (any operation)
        def call(**_: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://aws")

        return call


def test_an_aws_that_cannot_be_reached_is_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = Unreachable()
    monkeypatch.setattr(clients, "s3", lambda: nobody)
    monkeypatch.setattr(clients, "sagemaker", lambda: nobody)
    monkeypatch.setattr(clients, "service_quotas", lambda: nobody)

    found = looks.look(read(DEPLOY), ["s3://datasets/x/"], [SPOT], TOLD)

    failure = 'Could not connect to the endpoint URL: "https://aws"'
    assert found.listings["s3://datasets/x/"].failure == failure
    assert (found.quotas.failure, found.endpoint_failure) == (failure, failure)


def test_quotas_alone_never_refuse() -> None:
    assert planned(train())["warnings"] == []


def test_an_endpoint_whose_configuration_is_gone_is_a_fact(
    sagemaker: Stubber, sagemaker_client: "SageMakerClient"
) -> None:
    told = {"EndpointName": NAME, "EndpointArn": f"{ARN}/e-for-length", "EndpointStatus": "InService"}
    times = {"CreationTime": 0, "LastModifiedTime": 0}
    sagemaker.add_response("describe_endpoint", {**told, **times, "EndpointConfigName": "config"})
    sagemaker.add_client_error("describe_endpoint_config", "ValidationException", "Could not find it")

    with pytest.raises(ClientError):
        endpoint_look.endpoint(sagemaker_client, NAME)
