"""What a person does first with what a deploy has made: a command that is answered by something that is there."""

from collections.abc import Iterable
from types import MappingProxyType

from mlstack.assembly import Assembly, Stack

PARAMETER = "AWS::SSM::Parameter"
SERVICE, RUN = "a service", "a training"
COMMANDS = MappingProxyType(
    {
        "Vision": "mlstack vision analyse PHOTO...",
        "Endpoints": "mlstack endpoint list",
        SERVICE: "mlstack service list",
        RUN: "mlstack run training MODEL --on ecs --data FOLDER",
        "Workstations": "mlstack workstation status",
        "Training": "mlstack train MODEL --data FOLDER",
        "Notebook": "mlstack notebook status",
        "Images": "mlstack image list",
    }
)
"""By the stack that answers it, or by what the stack Ecs has, the first thing to try first."""
OTHERWISE = "mlstack local status"


def next_steps(assembly: Assembly) -> list[str]:
    """One command for each stage of the assembly."""
    stages = sorted({stack.tags["stage"] for stack in assembly.stacks if "stage" in stack.tags})
    found = (_of(stage, [one for one in assembly.stacks if one.tags.get("stage") == stage]) for stage in stages)
    return list(dict.fromkeys(found)) or [OTHERWISE]


def _of(stage: str, stacks: Iterable[Stack]) -> str:
    there = {what for stack in stacks for what in _offers(stack, stage)}
    first = next((command for what, command in COMMANDS.items() if what in there), None)
    return f"{first} --stage {stage}" if first else OTHERWISE


def _offers(stack: Stack, stage: str) -> set[str]:
    """What a stack is called within its stage; what the one of ECS has, its parameters say."""
    kind = stack.name.removeprefix(f"mlstack-{stage}-")
    if kind != "Ecs":
        return {kind}
    names = {str(body.get("Properties", {}).get("Name")) for body in stack.of_type(PARAMETER).values()}
    beginning = f"/mlstack/{stage}/ecs/"
    services = {SERVICE for name in names if name.startswith(f"{beginning}services/")}
    return services | {RUN for name in names if name == f"{beginning}training"}
