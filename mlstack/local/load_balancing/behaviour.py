"""Puts the behaviour of load balancers in place; apart from the package, which is imported where there is no moto."""

from mlstack.local.load_balancing import access_log, balancer, certificate, firewall, listener, trust_store


def mend() -> None:
    """Put everything in place; the order does not matter."""
    for part in (access_log, balancer, certificate, firewall, listener, trust_store):
        part.mend()
