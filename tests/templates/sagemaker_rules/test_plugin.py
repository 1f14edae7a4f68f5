"""The rules as part of a synthesis: what breaks one is not deployed."""

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sagemaker as sagemaker

from stacks.sagemaker_rules.check import RULES, violations
from stacks.sagemaker_rules.plugin import SageMakerRules, regions
from tests.templates.sagemaker_rules.good import IMAGE, serverless


def app_with_model(folder: Path, image: str, region: str) -> cdk.App:
    """An app of one stack with one model."""
    app = cdk.App(outdir=str(folder))
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region=region))
    container = sagemaker.CfnModel.ContainerDefinitionProperty(image=image)
    sagemaker.CfnModel(stack, "Model", primary_container=container)
    cdk.Validations.of(app).add_plugins(SageMakerRules())
    return app


def test_synthesis_fails_where_a_template_breaks_a_rule_of_its_region(tmp_path: Path) -> None:
    app = app_with_model(tmp_path, IMAGE, "eu-west-1")

    with pytest.raises(RuntimeError, match="image-region"):
        app.synth()


def test_synthesis_succeeds_where_no_rule_is_broken(tmp_path: Path) -> None:
    app = app_with_model(tmp_path, IMAGE, "us-east-1")

    assert app.synth().stacks


def test_the_plugin_names_every_rule_that_it_can_report() -> None:
    assert SageMakerRules().rule_ids == sorted(RULES)
    assert SageMakerRules().name == "mlstack-sagemaker"
    assert SageMakerRules().version == "1"


def test_regions_are_read_from_the_assembly_and_unknown_ones_left_out(tmp_path: Path) -> None:
    artifacts = {
        "Here": {"type": "aws:cloudformation:stack", "environment": "aws://1/eu-west-1"},
        "Anywhere": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region"},
        "Tree": {"type": "cdk:tree"},
    }
    for name, artifact in artifacts.items():
        artifact["properties"] = {"templateFile": f"{name}.json"}  # type: ignore[assignment]  # the manifest's shape
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))

    assert regions(tmp_path) == {"Here.json": "eu-west-1"}


def test_regions_of_a_folder_without_an_assembly_are_unknown(tmp_path: Path) -> None:
    assert regions(tmp_path) == {}


def test_an_accepted_rule_is_not_reported() -> None:
    template = serverless()
    template["Resources"]["Job"] = {
        "Type": "AWS::SageMaker::ProcessingJob",
        "Properties": {},
        "Metadata": {"mlstack:accepted": {"job-runs-on-every-change": "each change is to run it once"}},
    }

    assert list(violations(template)) == []
