"""Who takes the roles of layer 2."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam


def sagemaker() -> iam.PrincipalBase:
    """SageMaker, on behalf of this account alone.

    https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """
    return iam.ServicePrincipal("sagemaker.amazonaws.com").with_conditions(
        {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}
    )
