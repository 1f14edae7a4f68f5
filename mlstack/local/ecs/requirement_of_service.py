"""What ECS refuses of a service, and what the local AWS lacks."""

from mlstack.local.ecs.refusal import client, invalid
from mlstack.local.ecs.requirement import NAME
from mlstack.local.json_service import Json

LACKED = "the local AWS lacks {what}"


def check(asked: Json) -> None:
    """Refuse a service that cannot be."""
    if not NAME.fullmatch(asked["serviceName"]):
        message = "Invalid service name."
        raise invalid(message)
    if int(asked.get("desiredCount") or 0) < 0:
        message = "desiredCount must not be negative."
        raise invalid(message)
    configuration = asked.get("deploymentConfiguration") or {}
    least, most = configuration.get("minimumHealthyPercent", 100), configuration.get("maximumPercent", 200)
    if not 0 <= least <= 100 <= most:  # noqa: PLR2004 - percent
        message = "minimumHealthyPercent is between 0 and 100, maximumPercent at least 100."
        raise invalid(message)
    if least == most:
        message = "minimumHealthyPercent and maximumPercent must not both be 100: no deployment could ever proceed."
        raise invalid(message)
    if configuration.get("strategy", "ROLLING") != "ROLLING":
        raise client(LACKED.format(what=f"the deployment strategy {configuration['strategy']}"))
    if asked.get("schedulingStrategy", "REPLICA") != "REPLICA":
        raise client(LACKED.format(what=f"the scheduling strategy {asked['schedulingStrategy']}"))
    controller = (asked.get("deploymentController") or {}).get("type", "ECS")
    if controller != "ECS":
        raise client(LACKED.format(what=f"the deployment controller {controller}"))
