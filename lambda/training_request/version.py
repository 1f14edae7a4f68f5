"""A version of the model that is registered already."""

from training_request.facts import Facts
from training_request.problems import Problems, listed
from training_request.request import Request

_APPROVED = "Approved"
_WORDS = {"PendingManualApproval": "waits for approval", "Rejected": "is rejected"}


def check(request: Request, problems: Problems) -> None:
    """Note a request that does nothing with the version, and one that would deploy what nobody approved."""
    if request.version is not None and not (request.compilation or request.deployment or request.transform):
        problems.add("request", 'does nothing with the version: add "compile", "deploy" or "transform"')
    if request.version is None and request.deployment and not request.automatic:
        problems.add(
            "deploy",
            f'only an approved model is deployed: set approval to "automatic", or register it without deploy, '
            f"approve it (`mlstack models approve {request.model} VERSION`) and deploy that version",
        )


def check_found(request: Request, facts: Facts, problems: Problems) -> None:
    """Note a version that is not there, is not whole, or was not approved."""
    version, package = request.version, facts.package
    if version is None or problems.at("version", "model"):
        return
    if facts.package_failure:
        problems.add("version", f"the versions of {request.model} cannot be read: {facts.package_failure}")
    elif package is None:
        there = f"it has {listed(facts.versions)}" if facts.versions else "it has none yet; train one first"
        problems.add("version", f"{request.model} has no version {version}; {there}")
    elif package.status != "Completed" or not package.artifacts:
        problems.add("version", f"version {version} of {request.model} cannot be used: its status is {package.status}")
    elif request.deployment and package.approval != _APPROVED:
        how = _WORDS.get(package.approval, f"is {package.approval}")
        problems.add(
            "version",
            f"version {version} of {request.model} {how}, and only an approved one is deployed: "
            f"`mlstack models approve {request.model} {version}`",
        )
