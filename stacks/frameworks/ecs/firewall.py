"""AWS WAF before a load balancer: what AWS's own lists know, and a limit for each address."""

from dataclasses import dataclass

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

Kind = waf.CfnWebACL
LISTS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
# Its limit of 8 KB would turn every photo away; the inference server has a limit of its own.
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
ONLY_COUNTED = {
    "AWSManagedRulesCommonRuleSet": (
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "SizeRestrictions_BODY",
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": ("JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"),
}
"""Rules that look for text in what is a picture."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FirewallProps:
    """What stands behind it, and from how many requests of one address on it turns them away."""

    name: str
    load_balancer_arn: str
    requests_per_5_minutes: int


class Firewall(Construct):
    """Bills by the month and the request."""

    def __init__(self, scope: Construct, construct_id: str, props: FirewallProps) -> None:
        super().__init__(scope, construct_id)
        limit = Kind.RuleProperty(
            action=Kind.RuleActionProperty(block={}),
            name="TooMany",
            priority=0,
            statement=Kind.StatementProperty(
                rate_based_statement=Kind.RateBasedStatementProperty(
                    aggregate_key_type="IP", evaluation_window_sec=300, limit=props.requests_per_5_minutes
                )
            ),
            visibility_config=_visible("TooMany"),
        )
        self.resource = Kind(
            self,
            "Resource",
            default_action=Kind.DefaultActionProperty(allow={}),
            description=f"Before the load balancer of {props.name}",
            rules=[limit, *(_list(name, priority) for priority, name in enumerate(LISTS, start=1))],
            scope="REGIONAL",
            visibility_config=_visible("Firewall"),
        )
        waf.CfnWebACLAssociation(
            self, "Association", resource_arn=props.load_balancer_arn, web_acl_arn=self.resource.attr_arn
        )


def _list(name: str, priority: int) -> Kind.RuleProperty:
    counted = [
        Kind.RuleActionOverrideProperty(action_to_use=Kind.RuleActionProperty(count={}), name=rule)
        for rule in ONLY_COUNTED.get(name, ())
    ]
    return Kind.RuleProperty(
        name=name,
        override_action=Kind.OverrideActionProperty(none={}),
        priority=priority,
        statement=Kind.StatementProperty(
            managed_rule_group_statement=Kind.ManagedRuleGroupStatementProperty(
                name=name, rule_action_overrides=counted or None, vendor_name="AWS"
            )
        ),
        visibility_config=_visible(name),
    )


def _visible(name: str) -> Kind.VisibilityConfigProperty:
    return Kind.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
