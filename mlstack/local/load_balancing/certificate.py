"""Certificates of listeners: any of the account and region in its ACM is taken, since nobody makes one locally."""

import re
from typing import Any

from moto.elbv2 import models
from moto.elbv2.models import ELBv2Backend
from moto.iam.models import iam_backends

from mlstack.local.load_balancing.refusal import Code, RefusalError
from mlstack.local.mend import replace

ARN = re.compile(r"arn:aws[\w-]*:acm:(?P<region>[^:]*):(?P<account>[^:]*):certificate/[\w-]+")


def mend() -> None:
    """Look at the ARN where moto looks for the certificate."""
    replace(models, "register_certificate", _register)
    replace(ELBv2Backend, "_certificate_exists", _exists)


def _register(account_id: str, region: str, arn_certificate: str, arn_user: str) -> None:
    del arn_user
    if not is_one(arn_certificate, account_id, region):
        raise missing(arn_certificate)


def _exists(self: ELBv2Backend, certificate_arn: str) -> bool:
    if is_one(certificate_arn, self.account_id, self.region_name):
        return True
    servers: Any = iam_backends[self.account_id][self.partition]
    return servers.get_certificate_by_arn(certificate_arn) is not None


def is_one(arn: str, account: str, region: str) -> bool:
    """Whether an ARN can be a certificate of this account and region."""
    named = ARN.fullmatch(arn)
    return named is not None and (named["region"], named["account"]) == (region, account)


def missing(arn: str) -> RefusalError:
    """What the service says of one that is not there."""
    return RefusalError(Code.CERTIFICATE_NOT_FOUND, f"Certificate ARN '{arn}' is not valid")
