"""Puts EC2's behaviour in place; apart from the package itself, which is imported where there is no moto."""

from mlstack.local.ec2 import dependency, group_rule, image, launch_template, modification, power, run, spot


def mend() -> None:
    """Put everything in place; the order does not matter."""
    for part in (dependency, group_rule, image, launch_template, modification, power, run, spot):
        part.mend()
