"""The platform stage: makes a profile's stacks and wires them. The only module that knows every layer."""

import aws_cdk as cdk
from constructs import Construct

from stacks import guardrails
from stacks.ai_services.vision import VisionStack, VisionStackProps
from stacks.components.log_retention import LOG_RETENTION
from stacks.config import Profile
from stacks.foundation.network import NetworkStack, NetworkStackProps
from stacks.foundation.storage import StorageStack, StorageStackProps


class Platform(cdk.Stage):
    """One stage of the ML stack; every stack can be left out alone."""

    def __init__(self, scope: Construct, profile: Profile) -> None:
        env = cdk.Environment(account=profile.stage.account, region=profile.stage.region)
        super().__init__(scope, f"mlstack-{profile.stage.name}", env=env)
        retention = profile.stage.retention
        log_retention = LOG_RETENTION[profile.stage.log_days]
        self.network = self.storage = self.vision = None
        if profile.network.enabled:
            props = NetworkStackProps(log_retention=log_retention, settings=profile.network)
            self.network = NetworkStack(self, "Network", props)
        if profile.storage.enabled:
            self.storage = StorageStack(
                self, "Storage", StorageStackProps(retention=retention, settings=profile.storage)
            )
        if profile.vision.enabled:
            self.vision = VisionStack(
                self,
                "Vision",
                VisionStackProps(
                    media=self.storage.media if self.storage else None,
                    results=self.storage.results if self.storage else None,
                    retention=retention,
                    log_retention=log_retention,
                    settings=profile.vision,
                ),
            )
        layers = {"foundation": (self.network, self.storage), "ai-services": (self.vision,)}
        guardrails.apply(
            self, {layer: [stack for stack in stacks if stack] for layer, stacks in layers.items()}, profile
        )
