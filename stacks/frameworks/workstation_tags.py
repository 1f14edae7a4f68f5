"""By which tags EC2 knows a stage's workstations, whoever launched them."""


def of_the_stage(stage: str) -> dict[str, dict[str, str]]:
    """The conditions of a policy under which something is a workstation of the stage, or its Spot request."""
    return {
        "StringEquals": {"aws:ResourceTag/project": "mlstack", "aws:ResourceTag/stage": stage},
        "Null": {"aws:ResourceTag/workstation": "false"},
    }
