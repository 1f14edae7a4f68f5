"""What notebooks are set up with: lifecycle configurations and code repositories; both are only kept."""

from dataclasses import dataclass

from mlstack.local.environment import Place
from mlstack.local.json_service import Answer, Json
from mlstack.local.sagemaker.registry import Record, Registry, listing


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One kind of them, and the names that SageMaker has for it."""

    kept: Registry[Record]
    noun: str
    plural: str
    changeable: tuple[str, ...]
    """What an update changes."""

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        name = f"{self.noun}Name"
        return {
            f"Create{self.noun}": self._create,
            f"Delete{self.noun}": lambda asked: self.kept.remove(asked[name]),
            f"Describe{self.noun}": lambda asked: self._told(self.kept.get(asked[name])),
            f"List{self.plural}": lambda asked: listing(iter(self.kept), asked, self._told, self._title()),
            f"Update{self.noun}": self._update,
        }

    def _create(self, asked: Json) -> Json:
        name = asked[f"{self.noun}Name"]
        made = self.kept.add(Record(name=name, arn=self.kept.arn(name), said=asked))
        return {f"{self.noun}Arn": made.arn}

    def _update(self, asked: Json) -> Json:
        record = self.kept.get(asked[f"{self.noun}Name"])
        for name in self.changeable:
            if name in asked:
                merged = {**record.said.get(name, {}), **asked[name]} if isinstance(asked[name], dict) else asked[name]
                record.said = {**record.said, name: merged}
        record.touch()
        return {f"{self.noun}Arn": record.arn}

    def _title(self) -> str:
        return {"CodeRepositories": "CodeRepositorySummaryList"}.get(self.plural, self.plural)

    def _told(self, record: Record) -> Json:
        said = {name: value for name, value in record.said.items() if name in self.changeable}
        return {**said, f"{self.noun}Name": record.name, f"{self.noun}Arn": record.arn, **record.dates}


def lifecycles(place: Place) -> Setting:
    """Lifecycle configurations."""
    noun = "NotebookInstanceLifecycleConfig"
    kept: Registry[Record] = Registry(
        place, "notebook-instance-lifecycle-config", "notebook instance lifecycle configuration"
    )
    return Setting(kept=kept, noun=noun, plural=f"{noun}s", changeable=("OnCreate", "OnStart"))


def repositories(place: Place) -> Setting:
    """Code repositories."""
    kept: Registry[Record] = Registry(place, "code-repository", "code repository")
    return Setting(kept=kept, noun="CodeRepository", plural="CodeRepositories", changeable=("GitConfig",))
