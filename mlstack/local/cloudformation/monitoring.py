"""AWS::CloudWatch::Alarm, which moto lacks, and AWS::CloudWatch::Dashboard, which it renames when it changes."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties, tags
from mlstack.local.cloudformation.typed import typed


def _alarm(cloudwatch: Any, name: str, properties: Properties) -> str:  # noqa: ANN401 - a client
    cloudwatch.put_metric_alarm(**typed("cloudwatch", "PutMetricAlarm", {**properties, "AlarmName": name}))
    return name


def _alarm_again(cloudwatch: Any, name: str, new: Properties, old: Properties) -> None:  # noqa: ANN401 - a client
    _alarm(cloudwatch, name, new)
    lost = [key for key in tags(old) if key not in tags(new)]
    if lost:
        cloudwatch.untag_resource(ResourceARN=_alarm_arn(cloudwatch, name)["Arn"], TagKeys=lost)


def _alarm_arn(cloudwatch: Any, name: str) -> dict[str, str]:  # noqa: ANN401 - a client
    [found] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return {"Arn": str(found["AlarmArn"])}


def _dashboard(cloudwatch: Any, name: str, properties: Properties) -> str:  # noqa: ANN401 - a client
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=properties["DashboardBody"])
    return name


def _dashboard_again(cloudwatch: Any, name: str, new: Properties, _old: Properties) -> None:  # noqa: ANN401 - a client
    _dashboard(cloudwatch, name, new)


ALARM = Kind(
    type="AWS::CloudWatch::Alarm",
    service="cloudwatch",
    fixed=("AlarmName",),
    create=_alarm,
    update=_alarm_again,
    delete=lambda cloudwatch, name, _: cloudwatch.delete_alarms(AlarmNames=[name]),
    attributes=_alarm_arn,
)
DASHBOARD = Kind(
    type="AWS::CloudWatch::Dashboard",
    service="cloudwatch",
    fixed=("DashboardName",),
    create=_dashboard,
    update=_dashboard_again,
    delete=lambda cloudwatch, name, _: cloudwatch.delete_dashboards(DashboardNames=[name]),
)
