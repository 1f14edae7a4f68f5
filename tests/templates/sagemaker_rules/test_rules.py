"""Every rule: a good template keeps it, and each way of breaking it is found."""

import string

import pytest

from stacks.sagemaker_rules.check import RULES, violations
from stacks.sagemaker_rules.rule import Evidence, Rule
from tests.templates.sagemaker_rules import (
    breaking_components,
    breaking_deployment,
    breaking_models,
    breaking_others,
    breaking_scaling,
    breaking_serverless,
)
from tests.templates.sagemaker_rules.breaking import Case
from tests.templates.sagemaker_rules.good import GOOD, Make

CASES = (
    *breaking_components.CASES,
    *breaking_deployment.CASES,
    *breaking_models.CASES,
    *breaking_others.CASES,
    *breaking_scaling.CASES,
    *breaking_serverless.CASES,
)


@pytest.mark.parametrize("region", [None, "us-east-1"])
@pytest.mark.parametrize("good", GOOD, ids=lambda good: good.__name__)
def test_a_good_template_breaks_no_rule(good: Make, region: str | None) -> None:
    found = list(violations(good(), region))

    assert found == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_broken_template_breaks_just_the_rule_that_it_should(case: Case) -> None:
    template = case.template()

    found = list(violations(template, case.region))

    assert {violation.rule for violation in found} == {case.rule} | case.also
    assert all(violation.logical_id in template["Resources"] for violation in found)


def test_every_rule_has_a_way_of_breaking_it() -> None:
    assert set(RULES) - {case.rule for case in CASES} == set()


def test_every_way_of_breaking_a_rule_is_another() -> None:
    names = [case.id for case in CASES]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_says_in_one_sentence_what_to_do_and_names_its_source(rule: Rule) -> None:
    assert rule.reason.endswith(".")
    assert rule.reason[0].isupper() or rule.reason[0] == "{"
    assert ": " in rule.reason
    assert rule.source.startswith("https://")
    assert rule.evidence in Evidence
    assert set(rule.id) <= set(string.ascii_lowercase + string.digits + "-")
