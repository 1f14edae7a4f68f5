"""Which actions the policies of a template allow a role."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.template import REFERENCE, Resource, Template


def allowed(template: Template, role: Resource) -> list[str] | None:
    """The actions that a role may take; None where policies that are not in the template have a say."""
    if role.properties.items("ManagedPolicyArns"):
        return None
    policies = template.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    attached = [policy.properties for policy in policies if _names(policy.properties, role)]
    inline = role.properties.each("Policies")
    return [action for policy in (*attached, *inline) for action in _actions(policy.at("PolicyDocument"))]


def granted(action: str, actions: list[str]) -> bool:
    """Whether an action is among those allowed, which may hold wildcards."""
    return any(fnmatchcase(action.casefold(), pattern.casefold()) for pattern in actions)


def _names(policy: Properties, role: Resource) -> bool:
    references = [match[1] for text in policy.texts("Roles") if (match := REFERENCE.fullmatch(text))]
    return role.logical_id in references or role.properties.text("RoleName") in policy.texts("Roles")


def _actions(document: Properties) -> Iterator[str]:
    statements = [document.at("Statement")] if document.at("Statement").values else document.each("Statement")
    for statement in statements:
        if statement.text("Effect") == "Allow":
            yield from statement.texts("Action") or [statement.text("Action")]
