"""CodeBuild's projects and builds."""

import time
from threading import Thread
from urllib.parse import quote
from uuid import uuid4

from mlstack.local import log_stream
from mlstack.local.codebuild.build import SUCCEEDED, Build
from mlstack.local.codebuild.source import Client
from mlstack.local.container.image import Images
from mlstack.local.environment import Place
from mlstack.local.json_service import Json, JsonService, ServiceError
from mlstack.local.report import Report

TARGET = "CodeBuild_20161006."
NOT_FOUND, EXISTS, INVALID = "ResourceNotFoundException", "ResourceAlreadyExistsException", "InvalidInputException"
DEFAULTS: Json = {"timeoutInMinutes": 60, "queuedTimeoutInMinutes": 480}
OVERRIDES = {"buildspecOverride": "buildspec", "sourceLocationOverride": "location", "sourceTypeOverride": "type"}
"""What a request changes of the project's source."""


class CodeBuild:
    """The service of one account and region."""

    def __init__(self, place: Place, client: Client, images: Images, report: Report) -> None:
        self._place = place
        self._client = client
        self._images = images
        self._report = report
        self._projects: dict[str, Json] = {}
        self._builds: dict[str, Build] = {}

    def service(self) -> JsonService:
        """Its operations."""
        return JsonService(
            name="codebuild",
            target=TARGET,
            invalid=INVALID,
            answers={
                "BatchGetBuilds": self._batch_get_builds,
                "BatchGetProjects": self._batch_get_projects,
                "CreateProject": self._create,
                "DeleteProject": self._delete,
                "ListBuilds": lambda _: {"ids": [*reversed(self._builds)]},
                "ListBuildsForProject": self._builds_of,
                "ListProjects": lambda _: {"projects": sorted(self._projects)},
                "StartBuild": self._start,
                "StopBuild": self._stop,
                "UpdateProject": self._update,
            },
        )

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:aws:codebuild:{self._place.region}:{self._place.account}:{kind}/{name}"

    def _project(self, name: str) -> Json:
        plain = name.rpartition("project/")[2]
        if plain not in self._projects:
            raise ServiceError(NOT_FOUND, f"Project cannot be found: {self._arn('project', plain)}")
        return self._projects[plain]

    def _create(self, asked: Json) -> Json:
        name = asked["name"]
        if name in self._projects:
            raise ServiceError(EXISTS, f"Project already exists: {self._arn('project', name)}")
        now = time.time()
        project = {**DEFAULTS, **asked, "arn": self._arn("project", name), "created": now, "lastModified": now}
        _check(project)
        self._projects[name] = project
        return {"project": project}

    def _update(self, asked: Json) -> Json:
        project = {**self._project(asked["name"]), **asked, "lastModified": time.time()}
        _check(project)
        self._projects[asked["name"]] = project
        return {"project": project}

    def _delete(self, asked: Json) -> None:
        self._projects.pop(asked["name"].rpartition("project/")[2], None)  # what is not there is no error, as on AWS

    def _batch_get_projects(self, asked: Json) -> Json:
        names = [name.rpartition("project/")[2] for name in asked["names"]]
        return {
            "projects": [self._projects[name] for name in names if name in self._projects],
            "projectsNotFound": [name for name in names if name not in self._projects],
        }

    def _start(self, asked: Json) -> Json:
        project = dict(self._project(asked["projectName"]))
        project["source"] = {
            **project["source"],
            **{name: asked[override] for override, name in OVERRIDES.items() if override in asked},
        }
        variables = {
            one["name"]: one
            for one in (
                *project["environment"].get("environmentVariables", []),
                *asked.get("environmentVariablesOverride", []),
            )
        }
        project["environment"] = {**project["environment"], "environmentVariables": [*variables.values()]}
        name = f"{project['name']}:{uuid4()}"
        logs = self._logs(project, name)
        environment = self._environment(project, name)
        build = Build(name, len(self._builds) + 1, project, environment, logs, time.time())
        self._builds[name] = build
        Thread(target=self._run, args=[build], daemon=True).start()
        return {"build": build.told(self._arn("build", name))}

    def _run(self, build: Build) -> None:
        def log(lines: list[str]) -> None:
            place, logs = self._place, build.logs
            log_stream.write(place.account, place.region, logs["groupName"], logs["streamName"], lines)

        try:
            build.run(self._images, self._place.account, self._client, log)
        finally:
            if build.ended is None:  # an error of the local AWS itself
                build.status, build.ended = "FAULT", time.time()
            self._report.build(build.project["name"], error=build.status != SUCCEEDED)

    def _environment(self, project: Json, name: str) -> dict[str, str]:
        for one in project["environment"]["environmentVariables"]:
            if one.get("type", "PLAINTEXT") != "PLAINTEXT":
                raise ServiceError(INVALID, f"the local AWS lacks environment variables of type {one['type']}")
        return {
            "AWS_ACCOUNT_ID": self._place.account,
            "AWS_DEFAULT_REGION": self._place.region,
            "AWS_REGION": self._place.region,
            "CODEBUILD_BUILD_ARN": self._arn("build", name),
            "CODEBUILD_BUILD_ID": name,
            "CODEBUILD_SRC_DIR": ".",
            **{one["name"]: one["value"] for one in project["environment"]["environmentVariables"]},
        }

    def _logs(self, project: Json, name: str) -> Json:
        said = project.get("logsConfig", {}).get("cloudWatchLogs", {})
        group = said.get("groupName") or f"/aws/codebuild/{project['name']}"
        prefix = f"{said['streamName']}/" if said.get("streamName") else ""
        stream, region = prefix + name.rpartition(":")[2], self._place.region
        arn = f"arn:aws:logs:{region}:{self._place.account}:log-group:{group}:log-stream:{stream}"
        link = f"https://console.aws.amazon.com/cloudwatch/home?region={region}#logsV2:log-groups/log-group/"
        return {
            "groupName": group,
            "streamName": stream,
            "deepLink": f"{link}{quote(group, safe='')}/log-events/{quote(stream, safe='')}",
            "cloudWatchLogsArn": arn,
            "cloudWatchLogs": {"status": "ENABLED", **said},
        }

    def _batch_get_builds(self, asked: Json) -> Json:
        names = [name.rpartition("build/")[2] for name in asked["ids"]]
        return {
            "builds": [self._builds[name].told(self._arn("build", name)) for name in names if name in self._builds],
            "buildsNotFound": [name for name in names if name not in self._builds],
        }

    def _builds_of(self, asked: Json) -> Json:
        name = self._project(asked["projectName"])["name"]
        ids = [build.name for build in self._builds.values() if build.project["name"] == name]
        return {"ids": ids[:: 1 if asked.get("sortOrder") == "ASCENDING" else -1]}

    def _stop(self, asked: Json) -> Json:
        name = asked["id"].rpartition("build/")[2]
        if name not in self._builds:
            raise ServiceError(NOT_FOUND, f"Build cannot be found: {name}")
        self._builds[name].stopped = True
        return {"build": self._builds[name].told(self._arn("build", name))}


def _check(project: Json) -> None:
    """Refuse what CodeBuild refuses and a model does not say."""
    source = project["source"]
    if source["type"] not in {"NO_SOURCE", "CODEPIPELINE"} and not source.get("location"):
        raise ServiceError(INVALID, "Project source location is required")
    if source["type"] == "NO_SOURCE" and not source.get("buildspec"):
        raise ServiceError(INVALID, "If the source is NO_SOURCE, a buildspec is needed")
