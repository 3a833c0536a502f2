"""Resource types that ministack lacks, and a property that it refuses, in the form that its table of types takes.

README.md in this folder lists them. They are limited to what an app needs to be deployed: nothing behind them carries traffic, and alarms
with metric math are stored, but not evaluated.
"""

import re

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2
from ministack.services.cloudformation import provisioners


# ---- AWS::CloudWatch::Alarm ------------------------------------------------------------------------------------------

OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")


def alarm_record_with_metric_math(record_of_one_metric):
    """An alarm has one metric, or a list of queries, of which one returns the data that is compared.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    def record(name, props):
        queries = props.get("Metrics")
        if not queries:
            return record_of_one_metric(name, props)
        check_queries(props, queries)
        alarm = record_of_one_metric(name, {
            **{key: value for key, value in props.items() if key != "Metrics"}, "MetricName": "-", "Namespace": "-",
            "Threshold": props.get("Threshold", 0),
        })
        for member in OF_ONE_METRIC:
            del alarm[member]   # so that ministack doesn't evaluate the alarm
        alarm["Metrics"] = queries
        if "ThresholdMetricId" in props:
            del alarm["Threshold"]
            alarm["ThresholdMetricId"] = props["ThresholdMetricId"]
        return alarm
    return record


def check_queries(props, queries):
    mixed = [member for member in OF_ONE_METRIC if member in props]
    if mixed:
        raise ValueError(f"AWS::CloudWatch::Alarm {', '.join(mixed)}: must not be specified together with Metrics")
    if ("Threshold" in props) == ("ThresholdMetricId" in props):
        raise ValueError("AWS::CloudWatch::Alarm Threshold: specify either Threshold or ThresholdMetricId")
    ids = [query.get("Id") for query in queries]
    if None in ids or len(set(ids)) < len(ids):
        raise ValueError("AWS::CloudWatch::Alarm Metrics: each query must have an Id of its own")
    for query in queries:
        if ("Expression" in query) == ("MetricStat" in query):
            raise ValueError(f"AWS::CloudWatch::Alarm Metrics {query['Id']}: specify either Expression or MetricStat")
    returning = [query["Id"] for query in queries if is_true(query.get("ReturnData", True))]
    if "ThresholdMetricId" not in props and len(returning) != 1:
        raise ValueError(f"AWS::CloudWatch::Alarm Metrics: exactly one query must have ReturnData true, but {len(returning)} have")


def is_true(value):
    return str(value).lower() == "true"


# ---- AWS::IoT::RoleAlias ---------------------------------------------------------------------------------------------

ROLE_ALIASES: dict = {}   # (account, region, name) -> properties


def role_alias_key(name):
    return get_account_id(), get_region(), name


def create_role_alias(logical_id, props, stack_name):
    name = props.get("RoleAlias") or provisioners._physical_name(stack_name, logical_id)
    check_role_alias(name, props)
    if role_alias_key(name) in ROLE_ALIASES:
        raise ValueError(f"AWS::IoT::RoleAlias RoleAlias {name}: already exists")
    ROLE_ALIASES[role_alias_key(name)] = props
    return role_alias(name)


def update_role_alias(physical_id, old_props, new_props, stack_name, logical_id):
    if old_props.get("RoleAlias") != new_props.get("RoleAlias"):
        created = create_role_alias(logical_id, new_props, stack_name)
        provisioners._delete_predecessor(delete_role_alias, physical_id, old_props)
        return created
    check_role_alias(physical_id, new_props)
    ROLE_ALIASES[role_alias_key(physical_id)] = new_props
    return role_alias(physical_id)


def delete_role_alias(physical_id, _props):
    ROLE_ALIASES.pop(role_alias_key(physical_id), None)


def check_role_alias(name, props):
    if not re.fullmatch(r"[\w=,@-]{1,128}", name):
        raise ValueError(f"AWS::IoT::RoleAlias RoleAlias {name}: must have 1 to 128 letters, digits, and characters of _=,@-")
    if not re.fullmatch(r"arn:aws[\w-]*:iam::\d{12}:role/.+", str(props.get("RoleArn"))):
        raise ValueError(f"AWS::IoT::RoleAlias RoleArn {props.get('RoleArn')}: must be the ARN of a role")
    seconds = int(props.get("CredentialDurationSeconds", 3600))
    if not 900 <= seconds <= 43200:
        raise ValueError(f"AWS::IoT::RoleAlias CredentialDurationSeconds {seconds}: must be 900 to 43200")


def role_alias(name):
    return name, {"RoleAliasArn": f"arn:aws:iot:{get_region()}:{get_account_id()}:rolealias/{name}"}


# ---- AWS::EC2::EIP and AWS::EC2::NatGateway, which each VPC of the CDK with private subnets has --------------------------

def created_id(response, element):
    status, _headers, body = response
    text = body.decode() if isinstance(body, bytes) else body
    if status >= 400:
        raise ValueError(re.search(r"<Message>(.*?)</Message>", text, re.S).group(1))
    return re.search(rf"<{element}>([^<]+)<", text).group(1)


def create_address(_logical_id, props, _stack_name):
    allocation_id = created_id(ec2._allocate_address({"Domain": [props.get("Domain", "vpc")]}), "allocationId")
    provisioners._ec2_apply_tags(allocation_id, props)
    return address(allocation_id)


def update_address(physical_id, old_props, new_props, stack_name, logical_id):
    allocation_id = allocation_of(physical_id)
    if allocation_id is None or old_props.get("Domain") != new_props.get("Domain"):
        created = create_address(logical_id, new_props, stack_name)
        provisioners._delete_predecessor(delete_address, physical_id, old_props)
        return created
    provisioners._ec2_apply_tags(allocation_id, new_props, old_props)
    return address(allocation_id)


def delete_address(physical_id, _props):
    allocation_id = allocation_of(physical_id)
    if allocation_id is not None:
        ec2._release_address({"AllocationId": [allocation_id]})


def address(allocation_id):
    public_ip = ec2._addresses[allocation_id]["PublicIp"]
    return public_ip, {"AllocationId": allocation_id, "PublicIp": public_ip}


def allocation_of(public_ip):
    return next((key for key, record in ec2._addresses.items() if record["PublicIp"] == public_ip), None)


NAT_GATEWAY_REPLACES = ("AllocationId", "ConnectivityType", "PrivateIpAddress", "SubnetId")


def create_nat_gateway(_logical_id, props, _stack_name):
    subnet_id, allocation_id = props.get("SubnetId"), props.get("AllocationId")
    is_public = props.get("ConnectivityType", "public") == "public"
    if subnet_id not in ec2._subnets:
        raise ValueError(f"AWS::EC2::NatGateway SubnetId {subnet_id}: there is no such subnet")
    if is_public and allocation_id not in ec2._addresses:
        raise ValueError(f"AWS::EC2::NatGateway AllocationId {allocation_id}: there is no such Elastic IP address")
    request = {"SubnetId": [subnet_id], "ConnectivityType": ["public" if is_public else "private"]}
    nat_id = created_id(ec2._create_nat_gateway({**request, "AllocationId": [allocation_id]} if is_public else request), "natGatewayId")
    provisioners._ec2_apply_tags(nat_id, props)
    return nat_id, {"NatGatewayId": nat_id}


def update_nat_gateway(physical_id, old_props, new_props, stack_name, logical_id):
    if any(old_props.get(name) != new_props.get(name) for name in NAT_GATEWAY_REPLACES):
        created = create_nat_gateway(logical_id, new_props, stack_name)
        provisioners._delete_predecessor(delete_nat_gateway, physical_id, old_props)
        return created
    provisioners._ec2_apply_tags(physical_id, new_props, old_props)
    return physical_id, {"NatGatewayId": physical_id}


def delete_nat_gateway(physical_id, _props):
    ec2._nat_gateways.pop(physical_id, None)
    ec2._tags.pop(physical_id, None)


# ---- the table -------------------------------------------------------------------------------------------------------

ADDITIONAL_TYPES = {
    "AWS::EC2::EIP": {"create": create_address, "update": update_address, "update_with_logical_id": True, "delete": delete_address},
    "AWS::EC2::NatGateway": {"create": create_nat_gateway, "update": update_nat_gateway, "update_with_logical_id": True,
                             "delete": delete_nat_gateway},
    "AWS::IoT::RoleAlias": {"create": create_role_alias, "update": update_role_alias, "update_with_logical_id": True,
                            "delete": delete_role_alias},
}


def add_types():
    provisioners._RESOURCE_HANDLERS.update(ADDITIONAL_TYPES)
    provisioners._STACK_TAG_PROPERTY.update({resource_type: ("Tags", "list") for resource_type in ADDITIONAL_TYPES})
    provisioners._cw_metric_alarm_record = alarm_record_with_metric_math(provisioners._cw_metric_alarm_record)
