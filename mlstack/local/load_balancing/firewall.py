"""Web ACLs and the load balancers that they stand before: one at most for each, and none deleted while in use."""

from moto.elbv2.models import ELBv2Backend, elbv2_backends
from moto.wafv2.models import WAFV2Backend, wafv2_backends

from mlstack.local.load_balancing.refusal import Code, FirewallRefusalError
from mlstack.local.mend import replace

BALANCER = ":loadbalancer/app/"


def mend() -> None:
    """Look at what is associated, and count it."""
    moto_associate, moto_delete = WAFV2Backend.associate_web_acl, WAFV2Backend.delete_web_acl

    def associate_web_acl(self: WAFV2Backend, web_acl_arn: str, resource_arn: str) -> None:
        if BALANCER in resource_arn and resource_arn not in _balancers(self):
            message = "AWS WAF couldn't perform the operation because your resource doesn't exist."
            raise FirewallRefusalError(Code.NONEXISTENT, message)
        if web_acl_arn in self.wacls:  # a resource has one; another takes its place
            self.disassociate_web_acl(resource_arn)
        moto_associate(self, web_acl_arn, resource_arn)

    def delete_web_acl(self: WAFV2Backend, name: str, scope: str, _id: str, lock_token: str) -> None:
        used = [one for one in self.wacls.values() if (one.name, one.id) == (name, _id) and one.associated_resources]
        if used:
            message = (
                "AWS WAF couldn't perform the operation because your resource is being used by another resource "
                "or it's associated with another resource."
            )
            raise FirewallRefusalError(Code.ASSOCIATED, message)
        moto_delete(self, name, scope, _id, lock_token)

    replace(WAFV2Backend, "associate_web_acl", associate_web_acl)
    replace(WAFV2Backend, "delete_web_acl", delete_web_acl)


def release(elb: ELBv2Backend, arn: str) -> None:
    """A load balancer is gone, and with it what stood before it."""
    wafv2_backends[elb.account_id][elb.region_name].disassociate_web_acl(arn)


def _balancers(waf: WAFV2Backend) -> set[str]:
    return {*elbv2_backends[waf.account_id][waf.region_name].load_balancers}
