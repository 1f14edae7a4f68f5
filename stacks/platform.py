"""The platform: makes a profile's stacks and wires them. The only module that knows every layer."""

# A layer's modules are imported where its stack is made: the CDK's are large, and most stages have only some of them.
# ruff: noqa: PLC0415

from typing import TYPE_CHECKING

import aws_cdk as cdk

from stacks import guardrails
from stacks.components.log_retention import LOG_RETENTION
from stacks.config import Profile, ProfileError
from stacks.sagemaker_values import OWN_IMAGES

if TYPE_CHECKING:
    from stacks.ai_services.vision import VisionStack
    from stacks.foundation.images import ImagesStack
    from stacks.foundation.network import NetworkStack
    from stacks.foundation.storage import StorageStack
    from stacks.ml_services.endpoints import EndpointsStack
    from stacks.ml_services.notebook import NotebookStack


class Platform:
    """One stage of the ML stack, stack by stack in ``app``; every stack can be left out alone.

    No ``cdk.Stage``: ``cdk deploy --all`` would not look inside it (docs/decisions/0002-stacks-stand-in-the-app.md).
    """

    def __init__(self, app: cdk.App, profile: Profile, *, rule_packs: bool = True) -> None:
        self._app = app
        self._profile = profile
        self._name = f"mlstack-{profile.stage.name}"
        self._env = cdk.Environment(account=profile.stage.account, region=profile.stage.region)
        self._log_retention = LOG_RETENTION[profile.stage.log_days]
        self.network = self._network() if profile.network.enabled else None
        self.storage = self._storage() if profile.storage.enabled else None
        served = {endpoint.image for _, _, endpoint in profile.endpoints.each()}
        self.images = self._images() if served & OWN_IMAGES else None
        self.vision = self._vision() if profile.vision.enabled else None
        self.notebook = self._notebook() if profile.notebook.enabled else None
        self.endpoints = self._endpoints() if served else None
        layers = {
            "foundation": (self.network, self.storage, self.images),
            "ai-services": (self.vision,),
            "ml-services": (self.notebook, self.endpoints),
        }
        present = {layer: [stack for stack in stacks if stack] for layer, stacks in layers.items()}
        guardrails.apply(app, present, profile, rule_packs=rule_packs)

    def _network(self) -> "NetworkStack":
        from stacks.foundation.network import NetworkStack, NetworkStackProps

        props = NetworkStackProps(log_retention=self._log_retention, settings=self._profile.network)
        return NetworkStack(self._app, f"{self._name}-Network", props, env=self._env)

    def _storage(self) -> "StorageStack":
        from stacks.foundation.storage import StorageStack, StorageStackProps

        props = StorageStackProps(retention=self._profile.stage.retention, settings=self._profile.storage)
        return StorageStack(self._app, f"{self._name}-Storage", props, env=self._env)

    def _images(self) -> "ImagesStack":
        from stacks.foundation.images import ImagesStack, ImagesStackProps

        props = ImagesStackProps(retention=self._profile.stage.retention, log_retention=self._log_retention)
        return ImagesStack(self._app, f"{self._name}-Images", props, env=self._env)

    def _vision(self) -> "VisionStack":
        from stacks.ai_services.vision import VisionStack, VisionStackProps

        props = VisionStackProps(
            media=self.storage.media if self.storage else None,
            results=self.storage.results if self.storage else None,
            retention=self._profile.stage.retention,
            log_retention=self._log_retention,
            stage=self._profile.stage.name,
            settings=self._profile.vision,
        )
        return VisionStack(self._app, f"{self._name}-Vision", props, env=self._env)

    def _notebook(self) -> "NotebookStack":
        from stacks.ml_services.lifecycle_script import ScriptTooLongError
        from stacks.ml_services.notebook import NotebookStack, NotebookStackProps

        storage = self.storage
        props = NotebookStackProps(
            stage=self._profile.stage.name,
            vpc=self.network.vpc if self.network else None,
            read=(storage.media, storage.results) if storage else (),
            write=(storage.datasets, storage.models) if storage else (),
            log_retention=self._log_retention,
            settings=self._profile.notebook,
        )
        try:
            return NotebookStack(self._app, f"{self._name}-Notebook", props, env=self._env)
        except ScriptTooLongError as error:
            message = f"notebook: {error}"
            raise ProfileError(message) from error

    def _endpoints(self) -> "EndpointsStack":
        from stacks.ml_services.endpoints import EndpointsStack, EndpointsStackProps
        from stacks.ml_services.serving_image import ServingImage

        own = self.images.inference if self.images else None
        props = EndpointsStackProps(
            stage=self._profile.stage.name,
            inference_image=ServingImage(uri=own.uri, repository_arn=own.repository.repository_arn) if own else None,
            vpc=self.network.vpc if self.network else None,
            retention=self._profile.stage.retention,
            log_retention=self._log_retention,
            settings=self._profile.endpoints,
        )
        return EndpointsStack(self._app, f"{self._name}-Endpoints", props, env=self._env)
