"""How Elastic Load Balancing and WAF say no."""

from enum import StrEnum

from moto.elbv2.exceptions import ELBClientError
from moto.wafv2.exceptions import WAFv2ClientError


class Code(StrEnum):
    """The codes of their errors."""

    ASSOCIATED = "WAFAssociatedItemException"
    BUNDLE_INVALID = "InvalidCaCertificatesBundle"
    BUNDLE_NOT_FOUND = "CaCertificatesBundleNotFound"
    CERTIFICATE_NOT_FOUND = "CertificateNotFound"
    DUPLICATE_BALANCER = "DuplicateLoadBalancerName"
    DUPLICATE_TRUST_STORE = "DuplicateTrustStoreName"
    INVALID_ACTION = "InvalidLoadBalancerAction"
    INVALID_CONFIGURATION = "InvalidConfigurationRequest"
    INVALID_SECURITY_GROUP = "InvalidSecurityGroup"
    INVALID_SUBNET = "InvalidSubnet"
    NONEXISTENT = "WAFNonexistentItemException"
    NOT_PERMITTED = "OperationNotPermitted"
    TRUST_STORE_IN_USE = "TrustStoreInUse"
    TRUST_STORE_NOT_FOUND = "TrustStoreNotFound"
    VALIDATION = "ValidationError"


class RefusalError(ELBClientError):
    """A load balancer's."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(str(code), message)


class FirewallRefusalError(WAFv2ClientError):
    """A web ACL's."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(str(code), message)
