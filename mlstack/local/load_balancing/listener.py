"""Listeners that validate tokens or ask clients for certificates, which moto does not know of."""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.models import ELBv2Backend, FakeAction, FakeListener, FakeListenerRule, FakeRule, elbv2_backends
from moto.elbv2.responses import ELBV2Response
from moto.elbv2.ssl_policies import SSL_POLICIES

from mlstack.local.load_balancing.refusal import Code, RefusalError
from mlstack.local.load_balancing.trust_store import TRUST_STORES
from mlstack.local.mend import replace

JWT = "jwt-validation"
AUTHENTICATING = frozenset({"authenticate-cognito", "authenticate-oidc", JWT})
OFF = {"Mode": "off"}
VERIFY = "verify"
CLAIMS = 10
BY_DEFAULT = frozenset({"exp", "iss", "nbf", "iat"})
"""Claims that are checked without being asked for."""


def mend() -> None:
    """Take the action and the setting, where they can be taken."""
    moto_validate = ELBv2Backend._validate_actions  # noqa: SLF001 - where moto looks at actions
    moto_rule, moto_modify = ELBv2Backend.create_rule, ELBv2Backend.modify_rule

    def _validate_actions(self: ELBv2Backend, actions: list[FakeAction]) -> None:
        check([action.data for action in actions])
        moto_validate(self, [action for action in actions if action.type != JWT])

    def create_rule(  # noqa: PLR0913, PLR0917 - moto's signature
        self: ELBv2Backend,
        listener_arn: str,
        conditions: list[dict[str, Any]],
        priority: int,
        actions: list[dict[str, Any]],
        tags: list[dict[str, str]] | None = None,
    ) -> FakeListenerRule:
        [of] = self.describe_listeners(None, [listener_arn])
        check_protocol(of.protocol, actions)
        return moto_rule(self, listener_arn, conditions, priority, actions, tags)

    replace(ELBv2Backend, "_validate_actions", _validate_actions)

    def modify_rule(
        self: ELBv2Backend, rule_arn: str, conditions: list[dict[str, Any]], actions: list[dict[str, Any]]
    ) -> FakeRule:
        for rule in self.describe_rules(None, [rule_arn]):
            [of] = self.describe_listeners(None, [rule.listener_arn])
            check_protocol(of.protocol, actions)
        return moto_modify(self, rule_arn, conditions, actions)

    replace(ELBv2Backend, "create_rule", create_rule)
    replace(ELBv2Backend, "modify_rule", modify_rule)
    _mend_answers()


def _mend_answers() -> None:
    """Where the request is still whole: moto's backend is not told of everything in it."""
    moto_create, moto_modify = ELBV2Response.create_listener, ELBV2Response.modify_listener

    def create_listener(self: ELBV2Response) -> ActionResult:
        asked = self._get_params()
        protocol = str(asked.get("Protocol"))
        check_protocol(protocol, asked.get("DefaultActions", []))
        secured = _secured(protocol, asked, {})
        made = moto_create(self)
        _told(made).mutual_authentication = secured
        return made

    def modify_listener(self: ELBV2Response) -> ActionResult:
        asked = self._get_params()
        elb = elbv2_backends[self.current_account][self.region]
        [there] = elb.describe_listeners(None, [asked["ListenerArn"]])
        protocol = str(asked.get("Protocol") or there.protocol)
        actions = asked.get("DefaultActions", [])
        check_protocol(protocol, actions)
        elb._validate_actions([FakeAction(action) for action in actions])  # noqa: SLF001 - moto forgets to
        secured = _secured(protocol, asked, {"certificates": there.certificates, **vars(there)})
        made = moto_modify(self)
        _told(made).mutual_authentication = secured
        return made

    replace(ELBV2Response, "create_listener", create_listener)
    replace(ELBV2Response, "modify_listener", modify_listener)


def _told(made: ActionResult) -> Any:  # noqa: ANN401 - moto's listener, which has no such attribute
    result: Any = made.result
    listener: FakeListener = result["Listeners"][0]
    return listener


def _secured(protocol: str, asked: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any] | None:
    """How clients show who they are; nothing for a listener without TLS."""
    if protocol != "HTTPS":
        if asked.get("MutualAuthentication"):
            message = "Mutual authentication is supported for HTTPS listeners only"
            raise RefusalError(Code.VALIDATION, message)
        return None
    if not asked.get("Certificates") and not there.get("certificates"):
        raise RefusalError(Code.VALIDATION, "A certificate must be specified for HTTPS listeners")
    policy = asked.get("SslPolicy")
    if policy and policy not in SSL_POLICIES:
        raise RefusalError(Code.VALIDATION, f"SSL policy '{policy}' not found")
    wished: dict[str, Any] = dict(asked.get("MutualAuthentication") or there.get("mutual_authentication") or OFF)
    store = wished.get("TrustStoreArn")
    if (wished.get("Mode") == VERIFY) != bool(store):
        message = "A trust store ARN is needed for the mutual authentication mode verify, and for no other"
        raise RefusalError(Code.VALIDATION, message)
    if store:
        TRUST_STORES.one(store)
        return {"IgnoreClientCertificateExpiry": False, "AdvertiseTrustStoreCaNames": "off", **wished}
    return wished


def check_protocol(protocol: str, actions: Sequence[Mapping[str, Any]]) -> None:
    """Refuse to authenticate anybody without TLS."""
    kind = next((action["Type"] for action in actions if action["Type"] in AUTHENTICATING), None)
    if kind is not None and protocol != "HTTPS":
        raise RefusalError(Code.INVALID_ACTION, f"Actions of type '{kind}' are supported only on HTTPS listeners")


def check(actions: Sequence[Mapping[str, Any]]) -> None:
    """Refuse actions that end in nothing, or that validate tokens by something impossible."""
    ordered = sorted(actions, key=lambda action: int(action.get("Order", len(actions))))
    if actions and ordered[-1]["Type"] in AUTHENTICATING:
        message = "The last action must be a forward, a redirect, or a fixed-response action"
        raise RefusalError(Code.INVALID_ACTION, message)
    for action in actions:
        if action["Type"] == JWT:
            _check_jwt(action.get("JwtValidationConfig") or {})


def _check_jwt(said: Mapping[str, Any]) -> None:
    for name in ("JwksEndpoint", "Issuer"):
        if not said.get(name):
            raise RefusalError(Code.VALIDATION, f"{name} must be specified for the action type '{JWT}'")
    if not str(said["JwksEndpoint"]).startswith("https://"):
        raise RefusalError(Code.VALIDATION, "The JWKS endpoint must be an HTTPS URL")
    claims = said.get("AdditionalClaims", [])
    if len(claims) > CLAIMS:
        raise RefusalError(Code.VALIDATION, f"At most {CLAIMS} additional claims can be specified")
    for claim in claims:
        if claim["Name"] in BY_DEFAULT:
            message = f"The claim '{claim['Name']}' is validated by default and cannot be an additional claim"
            raise RefusalError(Code.VALIDATION, message)
        if claim["Format"] == "single-string" and len(claim["Values"]) != 1:
            raise RefusalError(
                Code.VALIDATION, f"The claim '{claim['Name']}' of the format single-string has one value"
            )
