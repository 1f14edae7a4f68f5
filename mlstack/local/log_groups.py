"""The tags of log groups go with them, and what is not there has none: moto remembers a name's tags for ever."""

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogsBackend

from mlstack.local.mend import replace


def mend() -> None:
    """Forget the tags of a group that is deleted: SageMaker may make one of the same name, which has none."""
    moto_delete = LogsBackend.delete_log_group
    moto_list = LogsBackend.list_tags_for_resource

    def delete_log_group(self: LogsBackend, log_group_name: str) -> None:
        group = self.groups.get(log_group_name)
        moto_delete(self, log_group_name)
        if group is not None:
            self.tagger.delete_all_tags_for_resource(group.arn)

    def list_tags_for_resource(self: LogsBackend, resource_arn: str) -> dict[str, str]:
        _, kind, name = resource_arn.partition(":log-group:")
        if kind and name not in self.groups:
            raise ResourceNotFoundException
        return moto_list(self, resource_arn)

    replace(LogsBackend, "delete_log_group", delete_log_group)
    replace(LogsBackend, "list_tags_for_resource", list_tags_for_resource)
