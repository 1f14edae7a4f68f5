"""AWS::Scheduler::Schedule and its groups, which moto's CloudFormation lacks."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties, tags
from mlstack.local.cloudformation.named import fitting
from mlstack.local.cloudformation.typed import typed

Client = Any
LONGEST = 64
DEFAULT = "default"


def _asked(operation: str, name: str, properties: Properties) -> Properties:
    return typed("scheduler", operation, {**properties, "Name": name})


def _schedule(scheduler: Client, name: str, properties: Properties) -> str:
    name = fitting(name, LONGEST)
    scheduler.create_schedule(**_asked("CreateSchedule", name, properties))
    return name


def _schedule_again(scheduler: Client, name: str, new: Properties, _old: Properties) -> None:
    scheduler.update_schedule(**_asked("UpdateSchedule", name, {"State": "ENABLED", **new}))


def _no_schedule(scheduler: Client, name: str, properties: Properties) -> None:
    scheduler.delete_schedule(Name=name, GroupName=properties.get("GroupName", DEFAULT))


def _schedule_arn(scheduler: Client, name: str) -> dict[str, str]:
    [found] = [one for one in scheduler.list_schedules(NamePrefix=name)["Schedules"] if one["Name"] == name]
    return {"Arn": str(found["Arn"])}


def _group(scheduler: Client, name: str, properties: Properties) -> str:
    name = fitting(name, LONGEST)
    labels = [{"Key": key, "Value": value} for key, value in tags(properties).items()]
    scheduler.create_schedule_group(Name=name, Tags=labels)
    return name


def _group_again(scheduler: Client, name: str, new: Properties, old: Properties) -> None:
    arn = _group_arn(scheduler, name)["Arn"]
    lost = [key for key in tags(old) if key not in tags(new)]
    if lost:
        scheduler.untag_resource(ResourceArn=arn, TagKeys=lost)
    if tags(new):
        labels = [{"Key": key, "Value": value} for key, value in tags(new).items()]
        scheduler.tag_resource(ResourceArn=arn, Tags=labels)


def _group_arn(scheduler: Client, name: str) -> dict[str, str]:
    return {"Arn": str(scheduler.get_schedule_group(Name=name)["Arn"])}


SCHEDULE = (
    Kind(
        type="AWS::Scheduler::Schedule",
        service="scheduler",
        fixed=("Name", "GroupName"),
        create=_schedule,
        update=_schedule_again,
        delete=_no_schedule,
        attributes=_schedule_arn,
    ),
    Kind(
        type="AWS::Scheduler::ScheduleGroup",
        service="scheduler",
        fixed=("Name",),
        create=_group,
        update=_group_again,
        delete=lambda scheduler, name, _: scheduler.delete_schedule_group(Name=name),
        attributes=_group_arn,
    ),
)
