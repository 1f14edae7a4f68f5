"""The platform: makes a profile's stacks and wires them. The only module that knows every layer."""

# A layer's modules are imported where its stack is made: the CDK's are large, and most stages have only some of them.
# ruff: noqa: PLC0415

from typing import TYPE_CHECKING

import aws_cdk as cdk

from catalogue import images
from stacks import guardrails
from stacks.components.log_retention import LOG_RETENTION
from stacks.config import Profile, ProfileError
from stacks.sagemaker_values import OWN_IMAGES

if TYPE_CHECKING:
    from stacks.ai_services.vision import VisionStack
    from stacks.components.container_build import ContainerBuild
    from stacks.foundation.images import ImagesStack
    from stacks.foundation.network import NetworkStack
    from stacks.foundation.storage import StorageStack
    from stacks.frameworks.ecs.stack import EcsStack
    from stacks.frameworks.workstations import WorkstationsStack
    from stacks.ml_services.endpoints import EndpointsStack
    from stacks.ml_services.notebook import NotebookStack
    from stacks.ml_services.serving_image import ServingImage
    from stacks.ml_services.training import TrainingStack


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
        needs_images = served & OWN_IMAGES or profile.training.enabled or profile.ecs.enabled
        self.images = self._images() if needs_images else None
        self.vision = self._vision() if profile.vision.enabled else None
        self.notebook = self._notebook() if profile.notebook.enabled else None
        self.endpoints = self._endpoints() if served else None
        self.training = self._training() if profile.training.enabled else None
        if self.endpoints and self.training:
            # Destroyed first, so that nothing of a run serves any more when what runs made is deleted.
            self.endpoints.add_stack_dependency(self.training)
        self.workstations = self._workstations() if profile.workstations else None
        self.ecs = self._ecs() if profile.ecs.enabled else None
        layers = {
            "foundation": (self.network, self.storage, self.images),
            "ai-services": (self.vision,),
            "ml-services": (self.notebook, self.endpoints, self.training),
            "frameworks": (self.workstations, self.ecs),
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

        profile = self._profile
        services = {service.architecture for service in profile.ecs.services.values()}
        on_sagemaker = profile.training.enabled or any(
            endpoint.image in OWN_IMAGES for _, _, endpoint in profile.endpoints.each()
        )
        trained = {one.accelerator for one in (profile.training, profile.ecs.training) if one.enabled}
        props = ImagesStackProps(
            stage=profile.stage.name,
            retention=profile.stage.retention,
            log_retention=self._log_retention,
            inference=sorted(services | ({"x86_64"} if on_sagemaker else set())),
            worker=sorted(services),
            # One image for all: that for GPUs runs on processors too.
            training_base=images.training_base("gpu" if "gpu" in trained else "cpu") if trained else None,
            mirror=profile.images.mirror,
        )
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

        props = EndpointsStackProps(
            stage=self._profile.stage.name,
            inference_image=self._inference_image(),
            vpc=self.network.vpc if self.network else None,
            retention=self._profile.stage.retention,
            log_retention=self._log_retention,
            settings=self._profile.endpoints,
        )
        return EndpointsStack(self._app, f"{self._name}-Endpoints", props, env=self._env)

    def _training(self) -> "TrainingStack":
        from stacks.ml_services.training import TrainingStack, TrainingStackProps

        inference = self._inference_image()
        if self.storage is None or self.images is None or self.images.training is None or inference is None:
            message = "training needs the stage's buckets and images"
            raise ValueError(message)
        props = TrainingStackProps(
            stage=self._profile.stage.name,
            training_image=self._own_image(self.images.training),
            inference_image=inference,
            datasets=self.storage.datasets,
            models=self.storage.models,
            tags=guardrails.tags(self._profile) | {"layer": "ml-services"},
            retention=self._profile.stage.retention,
            log_retention=self._log_retention,
            settings=self._profile.training,
        )
        return TrainingStack(self._app, f"{self._name}-Training", props, env=self._env)

    def _workstations(self) -> "WorkstationsStack":
        from stacks.frameworks.workstations import WorkstationsStack, WorkstationsStackProps

        if self.network is None:
            message = "workstations need the stage's network"
            raise ValueError(message)
        storage = self.storage
        props = WorkstationsStackProps(
            stage=self._profile.stage.name,
            vpc=self.network.vpc,
            read=(storage.media, storage.results) if storage else (),
            write=(storage.datasets, storage.models) if storage else (),
            tags=guardrails.tags(self._profile) | {"layer": "frameworks"},
            retention=self._profile.stage.retention,
            log_retention=self._log_retention,
            settings=self._profile.workstations,
        )
        return WorkstationsStack(self._app, f"{self._name}-Workstations", props, env=self._env)

    def _ecs(self) -> "EcsStack":
        from stacks.frameworks.ecs.stack import EcsStack, EcsStackProps

        if self.network is None or self.images is None:
            message = "containers need the stage's network and images"
            raise ValueError(message)
        storage = self.storage
        props = EcsStackProps(
            stage=self._profile.stage.name,
            vpc=self.network.vpc,
            inference=self.images.inference,
            worker=self.images.worker,
            training=self.images.training,
            datasets=storage.datasets if storage else None,
            models=storage.models if storage else None,
            tags=guardrails.tags(self._profile) | {"layer": "frameworks"},
            retention=self._profile.stage.retention,
            log_retention=self._log_retention,
            settings=self._profile.ecs,
        )
        return EcsStack(self._app, f"{self._name}-Ecs", props, env=self._env)

    def _inference_image(self) -> "ServingImage | None":
        """What SageMaker serves models with."""
        built = self.images.inference.get("x86_64") if self.images else None
        return self._own_image(built) if built else None

    @staticmethod
    def _own_image(build: "ContainerBuild") -> "ServingImage":
        from stacks.ml_services.serving_image import ServingImage

        return ServingImage(uri=build.uri, repository_arn=build.repository.repository_arn)
