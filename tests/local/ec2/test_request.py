"""What is launched: the template's data, and over it what the request says."""

from mlstack.local.ec2.request import Json, merged, with_root


def disk(device: str, **ebs: object) -> dict[str, object]:
    return {"DeviceName": device, "Ebs": ebs}


def tagged(kind: str, **tags: str) -> dict[str, object]:
    return {"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def test_the_request_wins_over_its_template() -> None:
    template: Json = {"InstanceType": "t3.small", "KeyName": "mine", "UserData": None, "InstanceRequirements": {}}

    assert merged({"InstanceType": "g5.xlarge", "MinCount": 1}, template) == {
        "InstanceType": "g5.xlarge",
        "KeyName": "mine",
        "MinCount": 1,
    }


def test_disks_and_tags_are_merged_one_by_one() -> None:
    template: Json = {
        "BlockDeviceMappings": [disk("/dev/sda1", VolumeSize=100, Encrypted=True), disk("/dev/sdb", VolumeSize=5)],
        "TagSpecifications": [tagged("instance", stage="a", owner="me"), tagged("volume", stage="a")],
    }

    whole = merged(
        {
            "BlockDeviceMappings": [disk("/dev/sda1", VolumeSize=200)],
            "TagSpecifications": [tagged("instance", stage="b")],
        },
        template,
    )

    assert whole["BlockDeviceMappings"] == [
        disk("/dev/sda1", VolumeSize=200, Encrypted=True),
        disk("/dev/sdb", VolumeSize=5),
    ]
    assert whole["TagSpecifications"] == [tagged("instance", stage="b", owner="me"), tagged("volume", stage="a")]


def test_the_images_own_disk_comes_and_goes_with_the_instance() -> None:
    named = with_root({"BlockDeviceMappings": [disk("/dev/xvda", VolumeSize=90)]}, "/dev/xvda", 15)
    kept = with_root({"BlockDeviceMappings": [disk("/dev/xvda", DeleteOnTermination=False)]}, "/dev/xvda", 15)
    unnamed = with_root({"BlockDeviceMappings": [disk("/dev/sda1", VolumeSize=90)]}, "/dev/xvda", 15)

    assert named["BlockDeviceMappings"] == [disk("/dev/xvda", VolumeSize=90, DeleteOnTermination=True)]
    assert kept["BlockDeviceMappings"] == [disk("/dev/xvda", VolumeSize=15, DeleteOnTermination=False)]
    assert unnamed["BlockDeviceMappings"] == [
        disk("/dev/xvda", VolumeSize=15, DeleteOnTermination=True),
        disk("/dev/sda1", VolumeSize=90),
    ]
