"""A stage, a request that is right, and what AWS would say about it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from training_request import checking, data, plan, quota, reading
from training_request.facts import Endpoint, Facts, Listing, Package, Quota, Quotas
from training_request.problems import Problems, RequestError
from training_request.settings import Settings

Json = dict[str, Any]
LABELS = ("compost", "landfill", "recycling")
ALGORITHMS = (
    *("blazingtext", "factorization-machines", "forecasting-deepar", "image-classification", "ipinsights", "kmeans"),
    *("knn", "lda", "linear-learner", "ntm", "object-detection", "object2vec", "pca", "randomcutforest"),
    *("semantic-segmentation", "seq2seq", "xgboost"),
)
TOLD = Settings(
    stage="sandbox",
    region="us-east-1",
    models=("waste-sorter", "other"),
    accelerator="cpu",
    algorithms=ALGORITHMS,
    instance_types=(),
    max_instances=4,
    max_run_minutes=240,
    max_tuning_jobs=50,
    tags={"stage": "sandbox", "cost-centre": "ml-sandbox"},
    max_usd=None,
    training_image="123456789012.dkr.ecr.us-east-1.amazonaws.com/training:1",
    inference_image="123456789012.dkr.ecr.us-east-1.amazonaws.com/inference:1",
    datasets_bucket="datasets",
    models_bucket="models",
    job_role_arn="arn:aws:iam::123456789012:role/jobs",
)
GPU = replace(TOLD, accelerator="gpu")
DATA = {"train": "s3://datasets/waste/train/", "test": "s3://datasets/waste/test/"}
PACKAGE = Package(
    arn="arn:aws:sagemaker:us-east-1:123456789012:model-package/mlstack-sandbox-waste-sorter/3",
    version=3,
    status="Completed",
    approval="Approved",
    image=TOLD.inference_image,
    artifacts="s3://models/training/waste-sorter/mlstack-sandbox-12345678/output/job/output/model.tar.gz",
    content_types=("image/jpeg", "image/png", "application/x-image", "application/json"),
    response_types=("application/json",),
    metadata={"algorithm": "own", "image_size": "64"},
)
ENDPOINT = Endpoint(
    name="mlstack-sandbox-waste",
    status="InService",
    variants=("AllTraffic",),
    with_model=True,
    serverless=True,
    ours=True,
)


def train(**changed: object) -> Json:
    """A request for one training; a change to None leaves a key out."""
    part = {"data": DATA, "instance_type": "ml.m5.xlarge"} | changed
    return {"model": "waste-sorter", "train": {key: value for key, value in part.items() if value is not None}}


def tune(**changed: object) -> Json:
    """A request for a tuning."""
    ranges = {"learning_rate": {"kind": "continuous", "min": "0.0001", "max": "0.1", "scaling": "Logarithmic"}}
    part = {"data": DATA, "instance_type": "ml.m5.xlarge", "ranges": ranges} | changed
    return {"model": "waste-sorter", "tune": {key: value for key, value in part.items() if value is not None}}


def version(**wanted: object) -> Json:
    """A request for a registered version."""
    return {"model": "waste-sorter", "version": 3, **wanted}


class Everything(Mapping[str, Listing]):
    """Data wherever it is looked for."""

    def __init__(self, suffix: str = ".png") -> None:
        self._suffix = suffix

    def __getitem__(self, uri: str) -> Listing:
        found = uri if uri.endswith("/") else f"{uri}/"
        return Listing(found=found, folders=LABELS, example=f"waste/1{self._suffix}")

    def __iter__(self) -> Any:  # noqa: ANN401 (nobody asks)
        return iter(())

    def __len__(self) -> int:
        return 1


class Plenty(Mapping[str, Quota]):
    """As much as anybody may ask for."""

    def __getitem__(self, name: str) -> Quota:
        return Quota(name=name, code="L-1", value=100_000_000)

    def __iter__(self) -> Any:  # noqa: ANN401 (as above)
        return iter(self.known)

    def __contains__(self, name: object) -> bool:
        return True

    def __len__(self) -> int:
        return 1

    known: tuple[str, ...] = ()


FOUND = Facts(listings=Everything(), quotas=Quotas(known=Plenty()))
VERSION = replace(FOUND, package=PACKAGE, versions=(3, 2, 1))


def planned(request: object, facts: Facts = FOUND, told: Settings = TOLD, execution: str = "first") -> Json:
    """The plan of a request in a world of values; raise RequestError as the function does."""
    problems = Problems()
    read = reading.read({"request": request, "execution": execution}, told, problems)
    checking.check(read, told, problems)
    data.places(read)
    quota.names(read, problems)
    checking.check_found(read, facts, told, problems)
    problems.raise_any()
    return plan.planned(read, facts, told)


def refusals(request: object, facts: Facts = FOUND, told: Settings = TOLD) -> dict[str, str]:
    """The reasons of a refusal by their places; {} for a request that is planned."""
    try:
        planned(request, facts, told)
    except RequestError as error:
        return dict(line.split(": ", 1) for line in str(error).splitlines())
    return {}


def with_usd(usd: str, told: Settings = TOLD) -> Settings:
    """The stage with a limit of money."""
    return replace(told, max_usd=Decimal(usd))
