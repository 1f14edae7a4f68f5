"""What an account may use, against what a request would use."""

from dataclasses import replace

from tests.functions.training_request.conftest import FOUND, TOLD, Json, planned, refusals, train, tune
from training_request.facts import Facts, Quota, Quotas

SPOT = "ml.m5.xlarge for spot training job usage"
USUAL = "ml.m5.xlarge for training job usage"
JUDGING = "ml.m5.xlarge for processing job usage"
SERVERLESS = "Maximum total concurrency that can be allocated across all serverless endpoints"
HERE = "https://us-east-1.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas"


def facts(failure: str = "", not_offered: frozenset[str] = frozenset(), **values: float) -> Facts:
    """The quotas by what their names begin and hold."""
    names = {"spot": SPOT, "usual": USUAL, "judging": JUDGING, "serverless": SERVERLESS}
    known = {names[key]: Quota(name=names[key], code=f"L-{key}", value=value) for key, value in values.items()}
    return replace(FOUND, quotas=Quotas(known=known, failure=failure, not_offered=not_offered))


def test_more_instances_than_the_account_may_use_are_refused() -> None:
    said = refusals(train(instances=2), facts(spot=1, usual=1, judging=1))

    assert said == {
        "train.instance_type": f"this account may use 1 of {SPOT} in us-east-1, and 2 are asked for; "
        f"ask AWS for more ({HERE}/L-spot)"
    }


def test_on_demand_is_offered_where_its_quota_is_enough() -> None:
    said = refusals(train(), facts(spot=0, usual=1, judging=1))

    assert said["train.instance_type"].endswith(", or set spot to false, for which the quota is enough")
    assert refusals(train(spot=False), facts(spot=0, usual=1, judging=1)) == {}


def test_a_tuning_uses_as_many_as_run_at_a_time() -> None:
    request: Json = tune(parallel_jobs=3, instances=2, spot=False)

    assert list(refusals(request, facts(usual=5, judging=1))) == ["tune.instance_type"]
    assert refusals(request, facts(usual=6, judging=1)) == {}


def test_the_evaluation_has_a_quota_of_its_own() -> None:
    assert list(refusals(train(), facts(spot=1, judging=0))) == ["evaluate.instance_type"]


def test_a_serverless_endpoint_has_the_concurrency_that_is_left_to_an_account() -> None:
    request = train() | {"approval": "automatic", "deploy": {"endpoint": "waste", "max_concurrency": 11}}

    said = refusals(request, facts(spot=1, judging=1, serverless=10))

    assert list(said) == ["deploy.max_concurrency"]


def test_a_type_that_is_not_offered_in_the_region_is_refused() -> None:
    said = refusals(train(), facts(judging=1, not_offered=frozenset({SPOT})), told=TOLD)

    assert said == {"train.instance_type": f"ml.m5.xlarge is not offered in us-east-1: Service Quotas has no {SPOT}"}


def test_quotas_that_cannot_be_read_are_a_warning() -> None:
    plan = planned(train(), facts(failure="AccessDeniedException"))

    assert plan["warnings"] == ["quotas could not be read: AccessDeniedException"]


def test_a_quota_that_is_not_there_is_a_warning() -> None:
    plan = planned(train(), facts(judging=1))

    assert plan["warnings"] == [f"quotas: Service Quotas tells nothing of {SPOT}"]
