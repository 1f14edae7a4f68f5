"""The platform: makes a profile's stacks and wires them. The only module that knows every layer."""

import aws_cdk as cdk

from stacks import guardrails
from stacks.ai_services.vision import VisionStack, VisionStackProps
from stacks.components.log_retention import LOG_RETENTION
from stacks.config import Profile
from stacks.foundation.network import NetworkStack, NetworkStackProps
from stacks.foundation.storage import StorageStack, StorageStackProps


class Platform:
    """One stage of the ML stack, stack by stack in ``app``; every stack can be left out alone.

    No ``cdk.Stage``: ``cdk deploy --all`` would not look inside it (docs/decisions/0002-stacks-stand-in-the-app.md).
    """

    def __init__(self, app: cdk.App, profile: Profile, *, rule_packs: bool = True) -> None:
        name = f"mlstack-{profile.stage.name}"
        env = cdk.Environment(account=profile.stage.account, region=profile.stage.region)
        retention = profile.stage.retention
        log_retention = LOG_RETENTION[profile.stage.log_days]
        self.network = self.storage = self.vision = None
        if profile.network.enabled:
            self.network = NetworkStack(
                app,
                f"{name}-Network",
                NetworkStackProps(log_retention=log_retention, settings=profile.network),
                env=env,
            )
        if profile.storage.enabled:
            self.storage = StorageStack(
                app, f"{name}-Storage", StorageStackProps(retention=retention, settings=profile.storage), env=env
            )
        if profile.vision.enabled:
            self.vision = VisionStack(
                app,
                f"{name}-Vision",
                VisionStackProps(
                    media=self.storage.media if self.storage else None,
                    results=self.storage.results if self.storage else None,
                    retention=retention,
                    log_retention=log_retention,
                    stage=profile.stage.name,
                    settings=profile.vision,
                ),
                env=env,
            )
        layers = {"foundation": (self.network, self.storage), "ai-services": (self.vision,)}
        present = {layer: [stack for stack in stacks if stack] for layer, stacks in layers.items()}
        guardrails.apply(app, present, profile, rule_packs=rule_packs)
