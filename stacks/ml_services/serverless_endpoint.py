"""An endpoint that costs nothing between requests."""

from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.endpoint_settings import Serverless
from stacks.ml_services.endpoint_props import VARIANT, EndpointProps
from stacks.ml_services.idle_price import IdleUse
from stacks.ml_services.served_model import ServedModel

Variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty


class ServerlessEndpoint(Construct):
    """Memory and concurrency instead of instances; SageMaker keeps a container warm for some minutes."""

    kind = "serverless"
    idle = IdleUse()

    def __init__(self, scope: Construct, construct_id: str, props: EndpointProps[Serverless]) -> None:
        super().__init__(scope, construct_id)
        self.settings = props.settings
        model = ServedModel(self, "Model", props)
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[
                Variant(
                    initial_variant_weight=1,
                    model_name=model.name,
                    serverless_config=sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
                        max_concurrency=props.settings.max_concurrency, memory_size_in_mb=props.settings.memory_mb
                    ),
                    variant_name=VARIANT,
                )
            ],
        )
        self.resource = sagemaker.CfnEndpoint(
            self, "Serverless", endpoint_config_name=config.attr_endpoint_config_name, endpoint_name=props.endpoint_name
        )
        model.keep_logs_until_after(self.resource)
