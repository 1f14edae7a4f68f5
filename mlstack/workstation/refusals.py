"""Why EC2 does not start a machine, and what a person can do about it."""

import re

from mlstack.workstation.machine import Machine

QUOTAS = "https://console.aws.amazon.com/servicequotas/home/services/ec2/quotas"
FAMILY = re.compile(r"[a-z]+")
KINDS = {
    **dict.fromkeys(("g", "gr", "vt"), "G and VT"),
    "p": "P",
    **dict.fromkeys("acdhimrtz", "Standard (A, C, D, H, I, M, R, T, Z)"),
}
"""The first letters of a type's family, and what its quotas call it."""
ON_DEMAND = {
    "G and VT": ("Running On-Demand G and VT instances", "L-DB2E81BA"),
    "P": ("Running On-Demand P instances", "L-417A185B"),
    "Standard (A, C, D, H, I, M, R, T, Z)": (
        "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
        "L-1216C47A",
    ),
}
SPOT = {
    "G and VT": ("All G and VT Spot Instance Requests", "L-3819A6DF"),
    "Standard (A, C, D, H, I, M, R, T, Z)": (
        "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests",
        "L-34B43A08",
    ),
}
"""P is not among them: each generation of it has a quota of its own."""


INTERRUPTED = "SpotInstanceShutdown"
"""EC2's reason for the state of a Spot machine that it took away."""


def mended(code: str, machine: Machine) -> str:
    """What a person reads for an error code of EC2's that is known here; empty for any other."""
    match code:
        case "InsufficientInstanceCapacity" | "InsufficientCapacity" | "InsufficientHostCapacity":
            where = f" in {machine.zone}" if machine.zone else ""
            return (
                f"AWS has no {machine.instance_type} free{where} now, where its disk is; try again later, "
                "or deploy another instance_type"
            )
        case "VcpuLimitExceeded" | "InstanceLimitExceeded" | "MaxSpotInstanceCountExceeded":
            return _over_quota(machine)
        case _ if code == INTERRUPTED:
            return (
                "AWS interrupted this Spot machine, and only AWS starts it again, as soon as it has room for it; "
                'to go on now, say market = "on-demand" and raise `edition`: that makes a new one, with a new disk'
            )
        case _:
            return ""


def _over_quota(machine: Machine) -> str:
    family = FAMILY.match(machine.instance_type)
    kind = KINDS.get(family[0], "") if family else ""
    name, code = (SPOT if machine.is_spot else ON_DEMAND).get(kind, ("", ""))
    quota = f'its quota "{name}"' if name else "the quota of its family"
    return (
        f"the account may run no more {machine.instance_type}: {quota} counts vCPUs, is 0 in a new account, "
        f"and would be exceeded; ask AWS for more at {QUOTAS}{code and '/'}{code}"
    )
