"""Every rule, asked of one template."""

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.sagemaker_rules import (
    accepted,
    algorithms,
    asynchronous,
    capture,
    closed_services,
    component_fit,
    component_scaling,
    deployment,
    events,
    inference_components,
    jobs,
    lifecycle,
    metrics,
    model_images,
    models,
    notebook,
    pipelines,
    roles,
    rollback,
    scaling,
    serverless,
    serverless_account,
    variants,
    workflows,
)
from stacks.sagemaker_rules.hosting import Hosting
from stacks.sagemaker_rules.rule import Rule, Violation
from stacks.sagemaker_rules.scalable import Scaling
from stacks.sagemaker_rules.template import Template

OF_TEMPLATES = (closed_services, events, jobs, lifecycle, notebook, pipelines, roles, workflows)
OF_HOSTING = (
    algorithms,
    capture,
    component_fit,
    deployment,
    inference_components,
    model_images,
    models,
    serverless,
    serverless_account,
    variants,
)
OF_SCALING = (asynchronous, component_scaling, metrics, rollback, scaling)
RULES: Mapping[str, Rule] = {
    rule.id: rule
    for module in (*OF_TEMPLATES, *OF_HOSTING, *OF_SCALING, accepted)
    for rule in vars(module).values()
    if isinstance(rule, Rule)
}
"""Every rule by its id."""


def violations(template: Mapping[str, Any], region: str | None = None) -> Iterator[Violation]:
    """What SageMaker would refuse, or silently ignore, of a template; more is known where its region is."""
    read = Template(template, region)
    yield from accepted.unaccepted(read, list(dict.fromkeys(_found(read))))


def _found(template: Template) -> Iterator[Violation]:
    hosting = Hosting(template)
    scaled = Scaling(hosting)
    for module in OF_TEMPLATES:
        yield from module.check(template)
    for part in OF_HOSTING:
        yield from part.check(hosting)
    for piece in OF_SCALING:
        yield from piece.check(hosting, scaled)
