"""How the model is served: by the project's inference image, by the algorithm's own, or as its version says."""

from typing import Any

from catalogue.instance_types import instance_types
from training_request.built_in import BUILT_IN
from training_request.facts import Facts
from training_request.request import Request
from training_request.settings import OWN, Settings
from training_request.training import image

OWN_REQUESTS = ("image/jpeg", "image/png", "application/x-image", "application/json")
OWN_ANSWERS = ("application/json",)
_USUAL = ("ml.m5.large", "ml.m5.xlarge")


def planned(request: Request, facts: Facts, told: Settings) -> dict[str, Any]:
    """Image, environment, artifacts and types."""
    package = facts.package
    if package:
        source: dict[str, Any] = {
            # The project's models are three files that each image of its server reads, and ECR keeps only the last ten.
            "image": told.inference_image if package.metadata.get("algorithm") == OWN else package.image,
            "environment": dict(package.environment),
            "artifacts": package.artifacts,
            "content_types": list(package.content_types),
            "response_types": list(package.response_types),
        }
    else:
        algorithm = request.training.algorithm if request.training else OWN
        own = algorithm == OWN
        source = {
            "image": told.inference_image if own else image(algorithm, told),
            "environment": {},
            "artifacts": None,
            "content_types": list(request_types(algorithm)),
            "response_types": list(OWN_ANSWERS if own else BUILT_IN[algorithm].answers),
        }
    return {
        **source,
        "realtime_types": _types(told, "hosting"),
        "transform_types": _types(told, "transform"),
    }


def request_types(algorithm: str) -> tuple[str, ...]:
    """What models of an algorithm take as a request."""
    if algorithm == OWN:
        return OWN_REQUESTS
    return BUILT_IN[algorithm].requests


def _types(told: Settings, use: str) -> list[str]:
    known = instance_types()
    allowed = [*told.instance_types, *_USUAL]
    return list(
        dict.fromkeys(one for one in allowed if one in known and use in known[one].uses and not known[one].retired)
    )
