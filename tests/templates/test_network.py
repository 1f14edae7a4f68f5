"""The network: free while nothing runs in it, closed by default."""

from aws_cdk.assertions import Match

from tests.templates.synthesis import Synthesize, Synthesized


def test_network_spans_the_zones_of_the_profile_with_public_and_isolated_subnets(
    sandbox: Synthesized, production: Synthesized
) -> None:
    for profile, zones in ((sandbox, 2), (production, 3)):
        subnets = profile.stacks["Network"].of_type("AWS::EC2::Subnet").values()

        chosen = {str(subnet["Properties"]["AvailabilityZone"]) for subnet in subnets}

        assert len(subnets) == 2 * zones
        assert len(chosen) == zones
        assert all("Fn::GetAZs" in zone for zone in chosen)


def test_network_has_no_nat_gateway_and_no_elastic_ip(sandbox: Synthesized, production: Synthesized) -> None:
    for profile in (sandbox, production):
        profile.template("Network").resource_count_is("AWS::EC2::NatGateway", 0)
        profile.template("Network").resource_count_is("AWS::EC2::EIP", 0)


def test_network_reaches_s3_and_dynamodb_by_gateway_endpoints_from_every_subnet(sandbox: Synthesized) -> None:
    endpoints = sandbox.stacks["Network"].of_type("AWS::EC2::VPCEndpoint").values()

    services = sorted(str(endpoint["Properties"]["ServiceName"]).rsplit(".", 1)[-1][:8] for endpoint in endpoints)

    assert [endpoint["Properties"]["VpcEndpointType"] for endpoint in endpoints] == ["Gateway", "Gateway"]
    assert [len(endpoint["Properties"]["RouteTableIds"]) for endpoint in endpoints] == [4, 4]
    assert services == ["dynamodb", "s3']]}"]


def test_network_makes_interface_endpoints_only_for_the_services_that_a_profile_names(synthesize: Synthesize) -> None:
    named = synthesize("sandbox", {"network": {"interface_endpoints": ["ssm", "sagemaker.api", "notebook"]}})

    endpoints = named.stacks["Network"].of_type("AWS::EC2::VPCEndpoint").values()
    interfaces = [
        str(endpoint["Properties"]["ServiceName"])
        for endpoint in endpoints
        if endpoint["Properties"]["VpcEndpointType"] == "Interface"
    ]

    assert len(interfaces) == 3
    assert any("aws.sagemaker" in service and "notebook" in service for service in interfaces)


def test_network_logs_flows_only_where_the_profile_says_so(sandbox: Synthesized, production: Synthesized) -> None:
    sandbox.template("Network").resource_count_is("AWS::EC2::FlowLog", 0)
    production.template("Network").has_resource_properties(
        "AWS::EC2::FlowLog", {"ResourceType": "VPC", "TrafficType": "ALL", "LogDestinationType": "cloud-watch-logs"}
    )


def test_interface_endpoints_admit_https_from_the_vpc_alone_and_sit_in_the_isolated_subnets(
    synthesize: Synthesize,
) -> None:
    network = synthesize("sandbox", {"network": {"interface_endpoints": ["ssm"]}}).stacks["Network"]
    [vpc] = network.of_type("AWS::EC2::VPC")
    [group] = network.of_type("AWS::EC2::SecurityGroup").values()
    [endpoint] = [
        body["Properties"]
        for body in network.of_type("AWS::EC2::VPCEndpoint").values()
        if body["Properties"]["VpcEndpointType"] == "Interface"
    ]

    [ingress] = group["Properties"]["SecurityGroupIngress"]
    assert ingress["CidrIp"] == {"Fn::GetAtt": [vpc, "CidrBlock"]}
    assert (ingress["FromPort"], ingress["ToPort"], ingress["IpProtocol"]) == (443, 443, "tcp")
    assert network.of_type("AWS::EC2::SecurityGroupIngress") == {}
    assert all("Isolated" in subnet["Ref"] for subnet in endpoint["SubnetIds"])


def test_flow_logs_stay_as_long_as_the_profile_says(production: Synthesized) -> None:
    production.template("Network").has_resource("AWS::Logs::LogGroup", {"Properties": {"RetentionInDays": 90}})
    groups = production.stacks["Network"].of_type("AWS::Logs::LogGroup").values()

    assert {group["Properties"]["RetentionInDays"] for group in groups} == {90}


def test_subnets_give_no_public_address_by_themselves(sandbox: Synthesized) -> None:
    sandbox.template("Network").all_resources_properties("AWS::EC2::Subnet", {"MapPublicIpOnLaunch": False})


def test_default_security_group_is_closed(sandbox: Synthesized) -> None:
    sandbox.template("Network").has_resource_properties(
        "Custom::VpcRestrictDefaultSG", {"DefaultSecurityGroupId": Match.any_value()}
    )
