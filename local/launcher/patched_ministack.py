"""ministack (PyPI, pinned in python-environment.ts), changed from outside and run.

ministack is a local AWS: CloudFormation, Lambda, IAM, Step Functions, S3 and more in one process. Where its
CloudFormation is kinder or simpler than AWS's, faults of a custom resource stay hidden. This file puts other functions
in those places; README.md in this folder lists each change, with the behavior of AWS that it imitates. From top to bottom:

  1. settings
  2. the custom-resource protocol: one request, its answer, the checks on the answer, the journal
  3. resource types that ministack lacks, handed to the RTC emulator
  4. stack operations: create, update, delete, rollback and clean-up, several custom resources at a time
  5. principals: which role and which policies stand behind an access key
  6. invocations: which function runs for which event
  7. routes, patches, start and stop

Before all of them the port is bound: modules of ministack read its number when they are imported.

(The file is not called ministack.py: Python would take it for the package it imports.)
"""

import asyncio
import contextvars
import copy
import errno
import hashlib
import itertools
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import string
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timezone


def bind_port():
    """Bind the port now and keep it: a free port that is looked up first and bound later can be taken in between."""
    host, port = os.environ.get("BIND_HOST", "127.0.0.1"), int(os.environ.get("GATEWAY_PORT", "0"))
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if port:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)   # connections of a former process may linger
    try:
        bound.bind((host, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.exit(f"Port {port} on {host} is already in use; name another one, or none to get a free one.")
    os.environ["GATEWAY_PORT"] = str(bound.getsockname()[1])
    return bound


BOUND = bind_port()

from hypercorn.config import Config as HypercornConfig
from ministack import app
from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import (
    error_response_json, get_account_id, get_region, json_response, new_uuid, now_iso,
)
from ministack.core.router import detect_service
from ministack.services import eventbridge, iam, lambda_svc, secretsmanager, sts
from ministack.services.cloudformation import (
    _exports, _stack_events, _stacks, changesets, custom_resource, drift, engine, handlers, helpers, provisioners, stacks,
)

import additional_types
import runtime_packages

log = logging.getLogger("cloudformation")


# ======================================================================================================================
# 1. Settings
# ======================================================================================================================

# Read at each use, so that PUT /_ministack/settings works while stacks run.
SETTINGS = {
    # Custom resources of one stack operation that are under way at the same time. AWS does not publish its figure.
    "customResourceConcurrency": int(os.environ.get("CUSTOM_RESOURCE_CONCURRENCY", "8")),
    # The PhysicalResourceId of the Update that takes a replaced custom resource back: "new" or "old".
    # Which of them AWS sends is not verified.
    "rollbackPhysicalId": os.environ.get("ROLLBACK_PHYSICAL_ID", "new"),
    # A clean-up Delete is tried three times (as on AWS), this far apart (AWS: unknown).
    "cleanupRetrySeconds": float(os.environ.get("CLEANUP_RETRY_SECONDS", "1")),
    # How long after a killed delivery Lambda delivers the event again (AWS: one minute, then two).
    "redeliverySeconds": float(os.environ.get("REDELIVERY_SECONDS", "1")),
    # The account's quota of concurrent Lambda executions; 0: none. The default is ministack's own, which goes by the machine's memory.
    "lambdaConcurrency": lambda_svc._ACCOUNT_CONCURRENCY_CAP,
}

RTC_CONTROL_URL = os.environ.get("RTC_CONTROL_URL", "")


# ======================================================================================================================
# 2. The custom-resource protocol
# ======================================================================================================================

MAX_RESPONSE_BYTES = 4096
MAX_PHYSICAL_ID_BYTES = 1024
DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600


class ResourceFailed(Exception):
    """A resource operation failed. physical_id: what the failed answer named, or None when it named nothing."""

    def __init__(self, reason, physical_id=None, delivered=True):
        super().__init__(reason)
        self.physical_id = physical_id
        # False when the provider never heard of the request, so that there is nothing to clean up.
        self.delivered = delivered


class Cancelled(ResourceFailed):
    """The operation no longer waits for the answer; the function may still be running."""


def is_custom_resource(resource_type):
    return resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource"


INVENTED_IDS: set = set()
# The reason of a deletion with such an ID, which AWS doesn't give: the deletion takes minutes without a visible cause.
WAITS_FOR_CREATION = ("The creation ended without a response. It may have left a resource, or may still create one: "
                      "the function looks for this resource before it ends the deletion.")


def invented_physical_id(stack_name, logical_id):
    """The ID that CloudFormation gives a custom resource that never returned one."""
    suffix = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
    physical_id = f"{stack_name}-{logical_id}-{suffix}"
    INVENTED_IDS.add(physical_id)
    return physical_id


def reason_of_deletion(physical_id):
    return WAITS_FOR_CREATION if physical_id in INVENTED_IDS else ""


def check_answer(body: bytes, event: dict) -> dict:
    """The answer as CloudFormation accepts it, or ResourceFailed with CloudFormation's sort of sentence."""
    if len(body) > MAX_RESPONSE_BYTES:
        raise ResourceFailed("Response object is too long.")
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise ResourceFailed("Invalid Response object: the response is not a JSON object")
    if answer.get("Status") not in ("SUCCESS", "FAILED"):
        raise ResourceFailed("Invalid Response object: Status must be SUCCESS or FAILED")
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        if answer.get(name) != event[name]:
            raise ResourceFailed(f"Invalid Response object: {name} does not match the request")
    physical_id = answer.get("PhysicalResourceId")
    if not isinstance(physical_id, str) or not physical_id or len(physical_id.encode()) > MAX_PHYSICAL_ID_BYTES:
        raise ResourceFailed("Invalid PhysicalResourceId")
    if answer["Status"] == "FAILED":
        reason = answer.get("Reason") or "No reason given"
        raise ResourceFailed(
            f"Received response status [FAILED] from custom resource. Message returned: {reason} "
            f"(RequestId: {event['RequestId']})", physical_id)
    return answer


@dataclass(eq=False)
class PendingRequest:
    """A request whose answer is awaited; `outcome` is the raw body, or the exception that ends the waiting."""
    record: dict
    done: threading.Event = field(default_factory=threading.Event)
    outcome: object = None

    def settle(self, outcome):
        if not self.done.is_set():
            self.outcome = outcome
            self.done.set()


PENDING: dict = {}   # token of the ResponseURL -> PendingRequest
JOURNAL: list = []   # what GET /_ministack/custom-resources answers
FAULTS: list = []    # what POST /_ministack/custom-resources/faults has ordered


def send_request(request_type, logical_id, props, stack_name, stack_id, resource_type,
                 physical_id=None, old_props=None, pending_of_operation=None):
    """Deliver one request to the custom resource's function and wait for the answer: (physical id, attributes).

    Blocks: only on a thread of its own. Takes the place of ministack's invoke_custom_resource."""
    function, config = function_of(props.get("ServiceToken", ""))
    token = new_uuid()
    event = {
        "RequestType": request_type,
        "RequestId": new_uuid(),
        "StackId": stack_id,
        "ResponseURL": custom_resource._response_url(token),
        "ResourceType": resource_type,
        "LogicalResourceId": logical_id,
        "ServiceToken": props.get("ServiceToken", ""),
        "ResourceProperties": custom_resource._normalise_resource_properties(props),
    }
    if physical_id is not None:
        event["PhysicalResourceId"] = physical_id
    if old_props is not None:
        event["OldResourceProperties"] = custom_resource._normalise_resource_properties(old_props)

    record = journal(event, stack_name)
    pending = PENDING[token] = PendingRequest(record)
    if pending_of_operation is not None:
        pending_of_operation.add(pending)
    try:
        deliver(lambda_svc._execution_record_for_config(function, config), event, pending)
        pending.done.wait(timeout=service_timeout(props))
        pending.settle(ResourceFailed(
            "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId "
            f"[{event['RequestId']}]. If you are using the Python cfn-response module, you may need to update your "
            "Lambda function code so that CloudFormation can attach the updated version."))
        if isinstance(pending.outcome, Exception):
            record["outcome"] = "CANCELLED" if isinstance(pending.outcome, Cancelled) else "TIMED_OUT"
            record["reason"] = str(pending.outcome)
            raise pending.outcome
        answer = check_answer(pending.outcome, event)
        record["outcome"] = "SUCCESS"
        return answer["PhysicalResourceId"], answer.get("Data") or {}
    except ResourceFailed as failure:
        record.setdefault("outcome", "FAILED" if failure.physical_id else "REFUSED")
        record.setdefault("reason", str(failure))
        raise
    finally:
        # The entry stays in PENDING: an answer that comes late is noted in the journal and goes no further.
        record["endedAt"] = timestamp()
        if pending_of_operation is not None:
            pending_of_operation.discard(pending)


def function_of(service_token):
    function, config, _name = lambda_svc._get_func_record_for_ref(service_token)
    if function is None or config is None:
        raise ResourceFailed(f"Lambda function not found for service token {service_token}", delivered=False)
    return function, config


def service_timeout(props):
    try:
        return int(props.get("ServiceTimeout", DEFAULT_SERVICE_TIMEOUT_SECONDS))
    except (TypeError, ValueError):
        return DEFAULT_SERVICE_TIMEOUT_SECONDS


def deliver(function, event, pending):
    """Invoke the function without waiting for it, as CloudFormation does (invocation type Event)."""
    record = pending.record

    def invoke():
        record["deliveries"] += 1
        try:
            # One that is throttled waits in Lambda's queue: a second, then twice as long each time.
            # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
            for wait_seconds in (min(2 ** attempt, 300) for attempt in itertools.count()):
                result = lambda_svc._execute_function_with_config_scope(function, copy.deepcopy(event))
                if not (isinstance(result, dict) and result.get("throttle")):
                    return
                time.sleep(wait_seconds)
        except Exception as error:
            log.warning("Custom resource function of %s: %s", event["LogicalResourceId"], error)

    def in_background(after_seconds=0.0):
        # The thread keeps the account and the region that the operation runs in.
        context = contextvars.copy_context()

        def run():
            time.sleep(after_seconds)
            context.run(invoke)
        threading.Thread(target=run, daemon=True, name="custom-resource").start()

    fault = take_fault(event)
    in_background()
    if fault is None:
        return
    record["fault"] = fault["fault"]
    after = fault.get("afterSeconds", 0)
    if fault["fault"] == "duplicate":
        in_background(after)
    elif fault["fault"] == "kill":
        target = fault.get("functionName") or function["config"]["FunctionName"]

        def kill():
            time.sleep(after)
            killed = kill_function(target, event["RequestId"])
            # On a busy machine the process may not have been started yet.
            while killed == 0 and not pending.done.is_set():
                time.sleep(0.01)
                killed = kill_function(target, event["RequestId"])
            record["killed"] = killed
            if fault.get("redeliver", True):
                in_background(SETTINGS["redeliverySeconds"])
        # In the account and the region that the operation runs in.
        threading.Thread(target=contextvars.copy_context().run, args=(kill,), daemon=True, name="custom-resource-kill").start()


def take_fault(event):
    for fault in FAULTS:
        if (fault.get("requestType") in (None, event["RequestType"])
                and fault.get("logicalId") in (None, event["LogicalResourceId"])):
            fault["times"] -= 1
            if fault["times"] <= 0:
                FAULTS.remove(fault)
            return fault
    return None


def invoke_worker(original):
    """Lambda's worker remembers the event that it executes, so that a fault hits no other delivery."""
    def invoke(worker, event, *args, **kwargs):
        worker.current_event = event
        try:
            return original(worker, event, *args, **kwargs)
        finally:
            worker.current_event = None
    return invoke


def request_of(event):
    return event.get("RequestId") if isinstance(event, dict) else None


def kill_function(name_part, request_id):
    """SIGKILL to the processes that execute a function with this part in its name for this request right now; how many were hit."""
    with lambda_runtime._lock:
        workers = [w for key, entries in lambda_runtime._workers.items() if name_part in key
                   for w in entries if w.in_use and request_of(getattr(w, "current_event", None)) == request_id]
    processes = [w._proc for w in workers if w._proc is not None and w._proc.poll() is None]
    for process in processes:
        process.kill()
    return len(processes)


def receive_answer(token, body):
    pending = PENDING.get(token)
    if pending is None:
        log.warning("Answer for an unknown custom-resource request %s", token)
        return
    received = {"at": timestamp(), "bytes": len(body), "body": body.decode("utf-8", "replace")[:MAX_RESPONSE_BYTES]}
    lost = pending.record.get("fault") == "lose-answer"
    if pending.done.is_set() or lost:
        # After the first response, a timeout, or a cancellation, CloudFormation ignores the ResponseURL.
        pending.record.setdefault("ignoredAnswers", []).append(received)
        return
    pending.record["answer"] = received
    pending.settle(body)


def journal(event, stack_name):
    record = {
        "stackName": stack_name,
        "stackId": event["StackId"],
        "requestType": event["RequestType"],
        "resourceType": event["ResourceType"],
        "logicalId": event["LogicalResourceId"],
        "physicalId": event.get("PhysicalResourceId"),
        "requestId": event["RequestId"],
        "properties": event["ResourceProperties"],
        "oldProperties": event.get("OldResourceProperties"),
        "sentAt": timestamp(),
        "deliveries": 0,
    }
    if reason := reason_of_deletion(event.get("PhysicalResourceId")):
        record["waitsFor"] = reason
    JOURNAL.append(record)
    return record


def timestamp(at=None):
    moment = datetime.fromtimestamp(time.time() if at is None else at, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ======================================================================================================================
# 3. Resource types that ministack lacks
# ======================================================================================================================

# AWS's own types whose resources live in the RTC emulator.
FORWARDED_TYPES = (
    "AWS::Chime::VoiceConnector",
    "AWS::IVS::Stage",
    "AWS::IVS::StorageConfiguration",
    "AWS::KinesisVideo::SignalingChannel",
    "AWS::KinesisVideo::Stream",
)

CURRENT_STACK_ID = contextvars.ContextVar("current_stack_id", default="")


def ask_emulator(request: dict):
    """POST {RTC_CONTROL_URL}/_cloud/resources; a status >= 400 is a failed resource."""
    if not RTC_CONTROL_URL:
        raise ResourceFailed(f"{request['type']}: no RTC emulator is configured (RTC_CONTROL_URL)", delivered=False)
    call = urllib.request.Request(
        f"{RTC_CONTROL_URL.rstrip('/')}/_cloud/resources", method="POST",
        data=json.dumps({"account": get_account_id(), "region": get_region(), **request}).encode(),
        headers={"content-type": "application/json"})
    try:
        with urllib.request.urlopen(call, timeout=30) as response:
            return json.loads(response.read() or b"{}")
    except urllib.error.HTTPError as error:
        text = error.read().decode("utf-8", "replace")
        try:
            text = json.loads(text).get("message", text)
        except (ValueError, AttributeError):
            pass
        raise ResourceFailed(text or f"{request['type']}: HTTP {error.code}", delivered=False) from error
    except OSError as error:
        raise ResourceFailed(f"{request['type']}: the RTC emulator does not answer ({error})",
                             delivered=False) from error


def forwarded_type(resource_type):
    """The handlers that ministack's table of types takes."""
    def create(logical_id, props, stack_name):
        made = ask_emulator({"action": "create", "type": resource_type, "properties": props, "logicalId": logical_id,
                             "stackId": provisioners._cr_stack_id(stack_name)})
        return made["physicalId"], made.get("attributes") or {}

    def update(physical_id, old_props, new_props, stack_name, logical_id):
        made = ask_emulator({"action": "update", "type": resource_type, "properties": new_props,
                             "oldProperties": old_props, "physicalId": physical_id, "logicalId": logical_id,
                             "stackId": provisioners._cr_stack_id(stack_name)})
        return made.get("physicalId") or physical_id, made.get("attributes") or {}

    def delete(physical_id, props, logical_id):
        ask_emulator({"action": "delete", "type": resource_type, "properties": props, "physicalId": physical_id,
                      "logicalId": logical_id, "stackId": CURRENT_STACK_ID.get()})

    return {"create": create, "update": update, "update_with_logical_id": True,
            "delete": delete, "delete_with_logical_id": True}


def name_of_secret(physical_id):
    """ministack's key of a secret: the physical id is the ARN here."""
    names = (name for name, secret in secretsmanager._secrets.items() if secret.get("ARN") == physical_id)
    return next(names, physical_id)


def secret_with_arn_as_ref():
    """AWS::SecretsManager::Secret: Ref is the ARN; ministack's is the name."""
    original = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]

    def with_arn(made):
        _name, attributes = made
        return attributes["Arn"], attributes

    return {
        **original,
        "create": lambda logical_id, props, stack_name: with_arn(original["create"](logical_id, props, stack_name)),
        "update": lambda physical_id, old, new, stack_name, logical_id: with_arn(
            original["update"](name_of_secret(physical_id), old, new, stack_name, logical_id)),
        "delete": lambda physical_id, props: original["delete"](name_of_secret(physical_id), props),
    }


def drift_of_secret_by_arn():
    """Drift detection finds a secret by its physical id; by the ARN ministack finds none, and reports the secret as deleted."""
    read, properties = drift._DRIFT_READERS["AWS::SecretsManager::Secret"]
    return (lambda physical_id, props: read(name_of_secret(physical_id), props)), properties


def put_secret_value_once(put):
    """PutSecretValue: a ClientRequestToken names one value for ever; ministack writes another one under it."""
    def patched(data):
        _, secret = secretsmanager._resolve(data.get("SecretId"))
        version = secret and secret["Versions"].get(data.get("ClientRequestToken"))
        if not version:
            return put(data)
        if any(version.get(member) != data.get(member) for member in ("SecretString", "SecretBinary")):
            return error_response_json("ResourceExistsException",
                                       "You can't use ClientRequestToken %s because that value is already in use for a version of "
                                       "secret %s." % (data["ClientRequestToken"], secret["ARN"]), 400)
        return json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": data["ClientRequestToken"],
                              "VersionStages": list(version["Stages"])})
    return patched


def role_with_boundary():
    """AWS::IAM::Role: PermissionsBoundary counts; ministack leaves it out."""
    original = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]

    def bounded(made, props):
        iam._roles[made[0]]["PermissionsBoundary"] = props.get("PermissionsBoundary")
        return made

    return {
        **original,
        "create": lambda logical_id, props, stack_name: bounded(original["create"](logical_id, props, stack_name), props),
        "update": lambda physical_id, old, new, stack_name, logical_id: bounded(
            original["update"](physical_id, old, new, stack_name, logical_id), new),
    }


def function_with_checked_role():
    """AWS::Lambda::Function: the service refuses a role that lacks the rights for what the function has; ministack takes any role."""
    original = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]

    def create(logical_id, props, stack_name):
        check_role_of_function(props)
        return original["create"](logical_id, props, stack_name)

    def update(physical_id, old, new, stack_name, logical_id):
        check_role_of_function(new)
        return original["update"](physical_id, old, new, stack_name, logical_id)

    return {**original, "create": create, "update": update}


def check_role_of_function(props):
    role_arn = str(props.get("Role", ""))
    account, role_name = (role_arn.split(":") + [""] * 5)[4], role_arn.rsplit("/", 1)[-1]
    if iam._roles.get_scoped(account, None, role_name) is None:
        return   # of another account, or of a test that has none
    policies = iam_evaluator._gather_role_policies(role_name, account)
    boundary = iam_evaluator._permissions_boundary(iam._roles, role_name, account)
    for action, resource in needs_of_function(props):
        context = iam_evaluator.EvalContext(role_arn, "AssumedRole", account, action, resource, get_region())
        if iam_evaluator.evaluate(context, policies, *boundary).decision != "Allow":
            service, operation = action.split(":")
            raise ResourceFailed("Resource handler returned message: \"The provided execution role does not have permissions "
                                 f"to call {operation} on {service.upper()}\"", delivered=False)


def needs_of_function(props):
    """What the service checks: an action and a resource each."""
    target = (props.get("DeadLetterConfig") or {}).get("TargetArn")
    if target:
        yield "sns:Publish" if target.split(":")[2] == "sns" else "sqs:SendMessage", target
    if (props.get("VpcConfig") or {}).get("SubnetIds"):
        yield "ec2:CreateNetworkInterface", "*"
    if (props.get("TracingConfig") or {}).get("Mode") == "Active":
        yield "xray:PutTraceSegments", "*"


# ======================================================================================================================
# 4. Stack operations
# ======================================================================================================================

STACK_TYPE = "AWS::CloudFormation::Stack"
CLEANUP_ATTEMPTS = 3
RUNNING: dict = {}   # stack id -> StackOperation


class StackOperation:
    """One create, update or delete of a stack."""

    last_event_at = 0.0

    def __init__(self, stack_name, stack_id, stack):
        self.stack_name, self.stack_id, self.stack = stack_name, stack_id, stack
        self.pending: set = set()               # requests whose answers are awaited
        self.slots = asyncio.Semaphore(max(1, int(SETTINGS["customResourceConcurrency"])))
        self.stopping = ""                      # why nothing more is started: "" | "failed" | "cancelled" | "deleted"
        self.forward = True                     # False in rollback and clean-up, which nothing stops
        self.finished = asyncio.Event()

    def __enter__(self):
        RUNNING[self.stack_id] = self
        CURRENT_STACK_ID.set(self.stack_id)
        return self

    def __exit__(self, *_):
        self.finished.set()
        if RUNNING.get(self.stack_id) is self:
            del RUNNING[self.stack_id]

    def event(self, logical_id, resource_type, status, reason="", physical_id=""):
        stacks._add_event(self.stack_id, self.stack_name, logical_id, resource_type, status, reason, physical_id)
        # A client that sorts by time, as the CLI does, must get the order of the events.
        StackOperation.last_event_at = at = max(time.time(), StackOperation.last_event_at + 0.001)
        _stack_events[self.stack_id][-1]["Timestamp"] = timestamp(at)

    def stack_event(self, status, reason=""):
        self.stack["StackStatus"] = status
        self.stack["StackStatusReason"] = reason
        self.event(self.stack_name, STACK_TYPE, status, reason, self.stack_id)

    def stop(self, why):
        """Start nothing more, and wait no longer for custom resources: CloudFormation goes on without their answers."""
        if self.stopping or not self.forward:
            return
        self.stopping = why
        for pending in list(self.pending):
            kind = "creation" if pending.record["requestType"] == "Create" else "update"
            pending.settle(Cancelled(f"Resource {kind} cancelled"))

    # -- calls to one resource ---------------------------------------------------------------------------------------

    async def create(self, logical_id, resource_type, props):
        """(physical id, attributes), name seed"""
        if is_custom_resource(resource_type):
            return await self.request("Create", logical_id, resource_type, props), ""
        return await self.call(resource_type, stacks._provision_keeping_seed,
                               resource_type, logical_id, props, self.stack_name)

    async def update(self, logical_id, resource_type, physical_id, before, props, attributes):
        """(physical id, attributes), name seed"""
        if is_custom_resource(resource_type):
            if before.get("ServiceToken") != props.get("ServiceToken"):
                raise ResourceFailed("Modifying service token is not allowed.", delivered=False)
            return await self.request("Update", logical_id, resource_type, props, physical_id, before), ""
        return await self.call(resource_type, stacks._update_keeping_seed, resource_type, physical_id, before, props,
                               self.stack_name, logical_id, attributes)

    async def delete(self, removal):
        for delete_fn, args, kwargs in removal.predecessor_deletes:
            delete_fn(*args, **kwargs)
        if not removal.physical_id:
            return
        if removal.policy == "Snapshot":
            provisioners._snapshot_resource(removal.resource_type, removal.physical_id, removal.props)
        if is_custom_resource(removal.resource_type):
            await self.request("Delete", removal.logical_id, removal.resource_type, removal.props, removal.physical_id)
            return
        await self.call(removal.resource_type, provisioners._delete_resource, removal.resource_type,
                        removal.physical_id, removal.props, self.stack_name, removal.logical_id)

    async def request(self, request_type, logical_id, resource_type, props, physical_id=None, old_props=None):
        async with self.slots:
            if self.stopping:
                kind = "creation" if request_type == "Create" else "update"
                raise Cancelled(f"Resource {kind} cancelled", delivered=False)
            return await run_reentrant(
                send_request, request_type, logical_id, props, self.stack_name, self.stack_id, resource_type,
                physical_id, old_props, self.pending)

    @staticmethod
    async def call(resource_type, fn, *args):
        """ministack's own handlers run on the event loop, except those that block."""
        if stacks._runs_on_worker_thread(resource_type) or resource_type in FORWARDED_TYPES:
            return await run_reentrant(fn, *args)
        return fn(*args)

    # -- many resources, in order -------------------------------------------------------------------------------------

    async def in_order(self, dependencies, work, goes_on_after_failure=False):
        """Await work(name) for each name as soon as all it depends on is done, side by side where nothing forbids it.

        What depends on a failed one is never started. Returns the failed names, in the order they failed."""
        waiting = {name: {d for d in needed if d in dependencies and d != name}
                   for name, needed in dependencies.items()}
        running: dict = {}
        failed: list = []

        async def start(name):
            if self.stopping and not goes_on_after_failure:
                return None
            return await work(name)

        while waiting or running:
            self.look_for_cancellation()
            for name in sorted(name for name, missing in waiting.items() if not missing):
                del waiting[name]
                running[asyncio.ensure_future(start(name))] = name
            if not running:
                break   # the rest depends on something that failed
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED, timeout=0.1)
            for task in done:
                name = running.pop(task)
                succeeded = task.result()
                if succeeded:
                    for missing in waiting.values():
                        missing.discard(name)
                elif succeeded is False:
                    failed.append(name)
                    if not goes_on_after_failure:
                        self.stop("failed")
        return failed

    def turn_back(self):
        """From here on everything is seen through."""
        self.stopping, self.forward = "", False

    def look_for_cancellation(self):
        # CancelUpdateStack leaves this note on the stack's record; the events that follow are the cancel's.
        if self.stack.pop("_cancel_requested", False):
            stacks.CLIENT_REQUEST_TOKEN.set(self.stack.pop("_cancel_token", ""))
            self.stop("cancelled")

    async def remove(self, removals, dependencies, attempts=1):
        """Delete dependents first. Returns (logical ids that failed, removals that are done with)."""
        by_name: dict = {}
        for removal in removals:
            by_name.setdefault(removal.logical_id, []).append(removal)
        order = reversed_dependencies(dependencies_among(by_name, dependencies))
        finished: list = []
        forgotten: list = []

        async def work(name):
            for removal in by_name[name]:
                if removal.policy in provisioners._RETAINING_POLICIES:
                    self.event(name, removal.resource_type, "DELETE_SKIPPED", physical_id=removal.physical_id)
                elif not await self.try_delete(removal, attempts):
                    if attempts == 1:
                        return False
                    forgotten.append(name)
                finished.append(removal)
            return True

        failed = await self.in_order(order, work, goes_on_after_failure=True)
        return failed + forgotten, finished

    async def try_delete(self, removal, attempts):
        name, resource_type, physical_id = removal.logical_id, removal.resource_type, removal.physical_id
        for attempt in range(1, attempts + 1):
            self.event(name, resource_type, "DELETE_IN_PROGRESS", reason_of_deletion(physical_id), physical_id)
            try:
                await self.delete(removal)
                self.event(name, resource_type, "DELETE_COMPLETE", physical_id=physical_id)
                return True
            except Exception as error:
                log.error("Delete of %s (%s) failed: %s", name, physical_id, error)
                farewell = " (third attempt: CloudFormation forgets this resource)" if 1 < attempts == attempt else ""
                self.event(name, resource_type, "DELETE_FAILED", f"{error}{farewell}", physical_id)
                if attempt < attempts:
                    await asyncio.sleep(SETTINGS["cleanupRetrySeconds"])
        return False


@dataclass
class Removal:
    """A physical resource to delete."""
    logical_id: str
    resource_type: str
    physical_id: str
    props: dict
    policy: str = "Delete"
    predecessor_deletes: list = field(default_factory=list)


def dependencies_of(template, conditions):
    """logical id -> what it depends on (Ref, GetAtt, Sub, DependsOn), for the resources whose condition holds."""
    resources = (template or {}).get("Resources", {})
    active = {name for name, definition in resources.items()
              if not definition.get("Condition") or conditions.get(definition["Condition"], True)}
    return {name: engine._extract_deps(resources[name], active) | references_in_metadata(resources[name], active)
            for name in active}


def check_references(template, conditions):
    """CloudFormation refuses a reference to a resource whose condition doesn't hold; ministack takes it."""
    resources = template.get("Resources", {})

    def exists(definition):
        return not definition.get("Condition") or conditions.get(definition["Condition"], True)

    missing = {name for name, definition in resources.items() if not exists(definition)}
    for block in ("Resources", "Outputs"):
        definitions = [definition for definition in template.get(block, {}).values() if exists(definition)]
        # DependsOn may name such a resource.
        parts = [chosen({key: part for key, part in definition.items() if key != "DependsOn"}, conditions) for definition in definitions]
        unresolved = sorted(missing & {name for name, _ in engine._intrinsic_references(parts)})
        if unresolved:
            raise ValueError(f"Template format error: Unresolved resource dependencies [{', '.join(unresolved)}] in the {block} block "
                             "of the template")


def chosen(value, conditions):
    """The same with the branch of each Fn::If that counts."""
    if isinstance(value, list):
        return [chosen(item, conditions) for item in value]
    if not isinstance(value, dict):
        return value
    branches = value.get("Fn::If")
    if len(value) == 1 and isinstance(branches, list) and len(branches) == 3:
        return chosen(branches[1 if conditions.get(branches[0]) else 2], conditions)
    return {key: chosen(part, conditions) for key, part in value.items()}


def references_in_metadata(definition, active):
    """Ref and Fn::GetAtt in Metadata order resources, too; ministack looks into Properties only."""
    return {name for name, _ in engine._intrinsic_references(definition.get("Metadata", {})) if name in active}


def dependencies_among(names, dependencies):
    """What these depend on of one another, directly or through others that are not among them."""
    def reachable(name):
        found: set = set()
        pending = list(dependencies.get(name, ()))
        while pending:
            if (other := pending.pop()) not in found:
                found.add(other)
                pending.extend(dependencies.get(other, ()))
        return found
    return {name: {other for other in reachable(name) if other in names and other != name} for name in names}


def reversed_dependencies(dependencies):
    """For deletes: logical id -> what depends on it and so must be gone before."""
    turned: dict = {name: set() for name in dependencies}
    for name, needed in dependencies.items():
        for other in needed:
            turned[other].add(name)
    return turned


# ---- create and update -----------------------------------------------------------------------------------------------

@dataclass
class Attempt:
    """What a deployment has done to one resource."""
    logical_id: str
    resource_type: str
    previous: dict = None          # the stack's record of the resource before the deployment; None: it is new
    applied: dict = None           # the properties it was called with
    before: dict = None            # the properties of the call before that
    record: dict = None            # its new record; None: it failed
    touched: bool = True           # False: the resource never heard of the deployment
    predecessor_deletes: list = field(default_factory=list)
    physical_ids: list = field(default_factory=list)   # every id that may hold something, oldest first

    def remember(self, physical_id):
        if physical_id and physical_id not in self.physical_ids:
            self.physical_ids.append(physical_id)

    def replaced(self):
        return bool(self.predecessor_deletes) or len(self.physical_ids) > 1

    def removal(self, physical_id):
        old = self.previous is not None and physical_id == self.previous["PhysicalResourceId"]
        return Removal(self.logical_id, self.resource_type, physical_id, self.before if old else self.applied)


class Deployment:
    """The create or update of a stack from its template to its end, rollback included."""

    def __init__(self, operation, template, param_values, previous_stack, is_update, retain_except_on_create):
        self.operation, self.stack = operation, operation.stack
        self.stack_name, self.stack_id = operation.stack_name, operation.stack_id
        self.template, self.param_values = template, param_values
        self.previous_stack = (previous_stack or {}) if is_update else {}
        self.is_update = is_update
        self.verb = "UPDATE" if is_update else "CREATE"
        self.retain_except_on_create = retain_except_on_create
        self.definitions = template.get("Resources", {})
        self.mappings = template.get("Mappings", {})
        self.conditions = stacks._evaluate_conditions(template, param_values)
        self.dependencies = dependencies_of(template, self.conditions)
        self.records = self.stack.setdefault("_resources", {})
        self.previous_records = self.previous_stack.get("_resources", {})
        self.attempts: dict = {}
        self.reverts_failed: dict = {}

    async def run(self, disable_rollback):
        if self.refused(disable_rollback):
            return
        failed = await self.operation.in_order(self.dependencies, self.provision)
        reason = self.failure_reason(failed)
        outputs, exports = [], {}
        if not reason:
            try:
                outputs, exports = self.outputs()
            except Exception as error:
                # Mostly Fn::GetAtt of an attribute that the answer did not have.
                reason = str(error)
                self.operation.stack_event(f"{self.verb}_FAILED", reason)
        if not reason:
            await self.finish(outputs, exports)
        elif self.operation.stopping == "deleted":
            self.keep_leftovers()
        elif disable_rollback:
            self.keep_leftovers()
            self.stack["_failed_operation"] = {"is_update": self.is_update, "deployment": self}
            self.operation.stack_event(f"{self.verb}_FAILED", reason)
        else:
            await self.roll_back(reason)

    def refused(self, disable_rollback):
        """What is checked before anything is provisioned."""
        try:
            check_references(self.template, self.conditions)
            ordered = stacks._topological_sort(self.definitions, self.conditions)
        except ValueError as error:
            self.operation.stack_event(f"{self.verb}_FAILED", str(error))
            return True
        return not self.stack.get("_disable_validation") and stacks._fail_property_validation(
            self.stack, self.stack_id, self.stack_name, self.definitions, ordered, self.param_values, self.conditions,
            self.mappings, disable_rollback, previous_stack=self.previous_stack if self.is_update else None)

    def failure_reason(self, failed):
        if self.operation.stopping == "cancelled":
            return "User Initiated"
        names = ", ".join(sorted({*failed}))
        if not names:
            return "Resource creation cancelled" if self.operation.stopping else ""
        if not self.is_update:
            return f"The following resource(s) failed to create: [{names}]. Rollback requested by user."
        created = [name for name in failed if name not in self.previous_records]
        updated = [name for name in failed if name in self.previous_records]
        return " ".join(f"The following resource(s) failed to {verb}: [{', '.join(sorted(some))}]."
                        for verb, some in (("create", created), ("update", updated)) if some)

    def outputs(self):
        surviving = {name: record for name, record in self.records.items() if name in self.dependencies}
        return stacks._resolve_stack_outputs(
            self.template.get("Outputs", {}), self.conditions, surviving, self.param_values, self.mappings,
            self.stack_name, self.stack_id)

    # -- one resource ---------------------------------------------------------------------------------------------------

    async def provision(self, name):
        resource_type = self.definitions[name].get("Type", "AWS::CloudFormation::CustomResource")
        previous = self.previous_records.get(name)
        attempt = Attempt(name, resource_type, previous)
        try:
            props, dynamic = self.resolve(name, previous)
            attempt.applied = self.with_stack_tags(name, resource_type, props, self.stack.get("Tags"))
            if previous is None:
                made, seed = await self.create(attempt)
            else:
                if previous["ResourceType"] != resource_type:
                    # AWS refuses this before the update starts.
                    raise ResourceFailed("Update of resource type is not permitted. The new template modifies resource "
                                         f"type of the following resources: [{name}]", delivered=False)
                attempt.remember(previous["PhysicalResourceId"])
                attempt.before = self.with_stack_tags(
                    name, resource_type, previous.get("Properties", {}), self.previous_stack.get("Tags"))
                if attempt.applied == attempt.before:
                    return True   # unchanged: no call, no event
                made, seed = await self.update(attempt)
        except Exception as error:
            self.note_failure(attempt, error)
            return False

        physical_id, attributes = made
        attempt.record = self.records[name] = {
            "PhysicalResourceId": physical_id,
            "ResourceType": resource_type,
            "ResourceStatus": f"{self.verb}_COMPLETE",
            "LogicalResourceId": name,
            "Properties": props,
            "Attributes": attributes,
            "Timestamp": now_iso(),
            **({"_dynamic": dynamic} if dynamic else {}),
            **({"_name_seed": seed} if seed else {}),
        }
        attempt.remember(physical_id)
        self.operation.event(name, resource_type, f"{self.verb}_COMPLETE", physical_id=physical_id)
        return True

    async def create(self, attempt):
        self.attempts[attempt.logical_id] = attempt
        self.operation.event(attempt.logical_id, attempt.resource_type, f"{self.verb}_IN_PROGRESS")
        made, seed = await self.operation.create(attempt.logical_id, attempt.resource_type, attempt.applied)
        if is_custom_resource(attempt.resource_type):
            self.operation.event(attempt.logical_id, attempt.resource_type, f"{self.verb}_IN_PROGRESS",
                                 "Resource creation Initiated", made[0])
        return made, seed

    async def update(self, attempt):
        name, resource_type, previous = attempt.logical_id, attempt.resource_type, attempt.previous
        self.attempts[name] = attempt
        old_id = previous["PhysicalResourceId"]
        self.operation.event(name, resource_type, "UPDATE_IN_PROGRESS", physical_id=old_id)
        # ministack's handlers that replace a resource by themselves read these three.
        retained = self.policy(name, "UpdateReplacePolicy") in provisioners._RETAINING_POLICIES
        provisioners._RETAIN_REPLACED.set(retained)
        provisioners._DEFERRED_PREDECESSOR_DELETES.set(attempt.predecessor_deletes)
        provisioners._NAME_SEED.set(previous.get("_name_seed", ""))
        made, seed = await self.operation.update(
            name, resource_type, old_id, attempt.before, attempt.applied, previous.get("Attributes", {}))
        if made[0] != old_id:
            self.operation.event(name, resource_type, "UPDATE_IN_PROGRESS", "Requested update requires the creation of "
                                 "a new physical resource; hence creating one.", made[0])
        return made, seed

    def note_failure(self, attempt, error):
        self.operation.stop("failed")   # at once: the slot that is free now must not start the next one
        name, resource_type = attempt.logical_id, attempt.resource_type
        if is_custom_resource(resource_type) and isinstance(error, ResourceFailed):
            attempt.touched = error.delivered
            if error.delivered and attempt.previous is None:
                attempt.remember(error.physical_id or invented_physical_id(self.stack_name, name))
            attempt.remember(error.physical_id)
        elif attempt.previous is None or attempt.before is None:
            attempt.touched = False
        log.error("Failed to provision %s (%s): %s", name, resource_type, error)
        self.attempts[name] = attempt
        shown_id = attempt.physical_ids[-1] if attempt.physical_ids else ""
        self.operation.event(name, resource_type, f"{self.verb}_FAILED", str(error), shown_id)

    def resolve(self, name, previous):
        """The template's properties with every intrinsic function and dynamic reference resolved."""
        definition = self.definitions[name]
        props = stacks._resolve_refs(
            copy.deepcopy(definition.get("Properties", {})), self.records, self.param_values, self.conditions,
            self.mappings, self.stack_name, self.stack_id)
        props = {key: value for key, value in props.items() if value is not stacks._NO_VALUE}
        previous_template = self.previous_stack.get("_template", {})
        return stacks._resolve_dynamic_references(
            props, (previous or {}).get("_dynamic"),
            reuse_ssm=bool(self.previous_stack) and self.template == previous_template
            and self.param_values == self.previous_stack.get("_resolved_params"),
            reuse_secrets=previous is not None and previous_template.get("Resources", {}).get(name) == definition)

    def with_stack_tags(self, name, resource_type, props, tags):
        return stacks._with_stack_tags(resource_type, props, tags or [], self.stack_name, self.stack_id, name)

    def policy(self, name, attribute):
        return stacks._resource_policy(
            self.definitions.get(name), attribute, self.records, self.param_values, self.conditions, self.mappings,
            self.stack_name, self.stack_id)

    def previous_policy(self, name, attribute):
        template = self.previous_stack.get("_template", {})
        return stacks._resource_policy(
            template.get("Resources", {}).get(name), attribute, self.previous_records,
            self.previous_stack.get("_resolved_params", {}), self.previous_stack.get("_conditions", {}),
            template.get("Mappings", {}), self.stack_name, self.stack_id)

    # -- the good end -----------------------------------------------------------------------------------------------------

    async def finish(self, outputs, exports):
        self.stack.update({"_resources": self.records, "_template": self.template,
                           "_resolved_params": self.param_values, "Outputs": outputs})
        _exports.update(exports)
        undeletable = await self.clean_up_after_update() if self.is_update else []
        self.operation.stack_event(f"{self.verb}_COMPLETE", "Update successful. One or more resources could not be "
                                   "deleted." if undeletable else "")

    async def clean_up_after_update(self):
        """Replaced and removed resources go after ALL updates of the stack, by the roles and policies of that moment."""
        self.operation.turn_back()
        self.operation.stack_event("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        removals = list(self.stack.pop("_leftovers", []))
        for attempt in self.attempts.values():
            if attempt.previous is not None and attempt.replaced():
                old_id, new_id = attempt.previous["PhysicalResourceId"], attempt.record["PhysicalResourceId"]
                removals.append(Removal(
                    attempt.logical_id, attempt.previous["ResourceType"], old_id if old_id != new_id else "",
                    attempt.before, self.policy(attempt.logical_id, "UpdateReplacePolicy"), attempt.predecessor_deletes))
        gone = [name for name in self.previous_records if name not in self.dependencies]
        for name in gone:
            record = self.previous_records[name]
            removals.append(Removal(name, record["ResourceType"], record["PhysicalResourceId"],
                                    record.get("Properties", {}), self.previous_policy(name, "DeletionPolicy")))
        undeletable, _ = await self.operation.remove(removals, self.previous_dependencies(), attempts=CLEANUP_ATTEMPTS)
        for name in gone:
            self.records.pop(name, None)
        return undeletable

    def previous_dependencies(self):
        return dependencies_of(self.previous_stack.get("_template"), self.previous_stack.get("_conditions", {}))

    # -- the bad end ------------------------------------------------------------------------------------------------------

    def keep_leftovers(self):
        """Without a rollback, ids of failed creates stay with the stack until it is rolled back, updated or deleted."""
        leftovers = self.stack.setdefault("_leftovers", [])
        for attempt in self.attempts.values():
            if attempt.record is None and attempt.previous is None and attempt.touched:
                leftovers += [attempt.removal(physical_id) for physical_id in attempt.physical_ids]

    async def roll_back(self, reason):
        self.operation.turn_back()
        self.stack.pop("_failed_operation", None)
        self.stack.pop("_leftovers", None)
        if self.is_update:
            await self.roll_back_update(reason)
        else:
            await self.roll_back_create(reason)

    async def roll_back_create(self, reason):
        self.operation.stack_event("ROLLBACK_IN_PROGRESS", reason)
        removals = self.removals_of_rollback()
        failed, finished = await self.operation.remove(removals, self.dependencies)
        for name in {removal.logical_id for removal in finished} - {*failed}:
            self.records.pop(name, None)
        if failed:
            self.stack["_leftovers"] = [r for r in removals if r not in finished and r.logical_id not in self.records]
            self.operation.stack_event("ROLLBACK_FAILED", failed_to_delete(failed))
        else:
            self.operation.stack_event("ROLLBACK_COMPLETE")

    async def roll_back_update(self, reason):
        self.operation.stack_event("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        touched = {name for name, attempt in self.attempts.items() if attempt.previous is not None and attempt.touched}
        order = dependencies_among(touched, self.previous_dependencies())
        await self.operation.in_order(order, self.send_back, goes_on_after_failure=True)
        if not self.reverts_failed:
            self.operation.stack_event("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        removals = self.removals_of_rollback()
        dependencies = {**self.previous_dependencies(), **self.dependencies}
        await self.operation.remove(removals, dependencies, attempts=CLEANUP_ATTEMPTS)

        # A rolled-back stack reports what it ran before the update.
        for key, empty in (("_resources", {}), ("_template", {}), ("_resolved_params", {}), ("_template_body", ""),
                           ("_conditions", {}), ("Parameters", []), ("Tags", []), ("Outputs", [])):
            self.stack[key] = self.previous_stack.get(key, empty)
        if self.reverts_failed:
            self.stack["_rollback_failed"] = self.reverts_failed   # what ContinueUpdateRollback tries again
            self.operation.stack_event("UPDATE_ROLLBACK_FAILED", stacks._rollback_failure_reason(self.reverts_failed))
        else:
            self.operation.stack_event("UPDATE_ROLLBACK_COMPLETE")

    async def send_back(self, name):
        """Give a resource its old properties again."""
        attempt = self.attempts[name]
        previous, resource_type = attempt.previous, attempt.resource_type
        record = self.previous_records[name]
        old_id = previous["PhysicalResourceId"]
        if not is_custom_resource(resource_type) and (attempt.record is None or attempt.replaced()):
            # A failed update of AWS's own types changed nothing; a replaced one still has its old resource.
            self.operation.event(name, resource_type, "UPDATE_COMPLETE", physical_id=old_id)
            return True
        # For a custom resource CloudFormation cannot know what the failed Update did, so it is sent back too.
        sent_id = attempt.physical_ids[-1] if SETTINGS["rollbackPhysicalId"] == "new" else old_id
        if not is_custom_resource(resource_type):
            sent_id = old_id
        self.operation.event(name, resource_type, "UPDATE_IN_PROGRESS", physical_id=sent_id)
        try:
            (physical_id, attributes), _ = await self.operation.update(
                name, resource_type, sent_id, attempt.applied, attempt.before,
                (attempt.record or previous).get("Attributes", {}))
        except Exception as error:
            self.operation.event(name, resource_type, "UPDATE_FAILED", str(error), sent_id)
            self.reverts_failed[name] = {
                "PhysicalResourceId": sent_id, "ResourceType": resource_type, "RevertFrom": attempt.applied,
                "RevertTo": attempt.before, "Attributes": record.get("Attributes", {})}
            record["PhysicalResourceId"] = sent_id
            return False
        attempt.remember(physical_id)
        record["PhysicalResourceId"] = physical_id
        record["Attributes"] = {**record.get("Attributes", {}), **(attributes or {})}
        stacks._mark_rolled_back(record)
        self.operation.event(name, resource_type, "UPDATE_COMPLETE", physical_id=physical_id)
        return True

    def removals_of_rollback(self):
        """Every id of this deployment that is not the current one of its resource."""
        removals = []
        for name, attempt in self.attempts.items():
            if not attempt.touched:
                continue
            current = self.previous_records[name]["PhysicalResourceId"] if attempt.previous is not None else None
            for physical_id in attempt.physical_ids:
                if physical_id == current:
                    continue
                removal = attempt.removal(physical_id)
                if attempt.record is not None and not self.retain_except_on_create:
                    # Retain survives even the rollback of the operation that created the resource; what failed goes.
                    policy = self.policy(name, "DeletionPolicy")
                    removal.policy = "Delete" if policy == "RetainExceptOnCreate" else policy
                removals.append(removal)
        return removals


def failed_to_delete(names):
    return f"The following resource(s) failed to delete: [{', '.join(sorted({*names}))}]."


async def deploy_stack(stack_name, stack_id, template, param_values, disable_rollback, tags, is_update=False,
                       previous_stack=None, retain_except_on_create=False, imports=None):
    """In the place of ministack's _deploy_stack_async."""
    if imports:   # resources that a change set imports: ministack's own way
        await MINISTACK_DEPLOY(stack_name, stack_id, template, param_values, disable_rollback, tags, is_update,
                               previous_stack, retain_except_on_create, imports)
        return
    stack = _stacks[stack_name]
    for note in ("_failed_operation", "_cancel_requested", "_cancel_token"):
        stack.pop(note, None)
    with StackOperation(stack_name, stack_id, stack) as operation:
        deployment = Deployment(operation, template, param_values, previous_stack, is_update, retain_except_on_create)
        try:
            await deployment.run(disable_rollback)
        except Exception as error:
            # A mistake of this file or of ministack; without an end the CLI would wait for ever.
            log.exception("Deployment of %s", stack_name)
            operation.stack_event(f"{deployment.verb}_FAILED", f"Internal failure of the local cloud: {error!r}")


async def roll_back_operation(stack_name, stack_id, stack, operation, reason_override=""):
    """RollbackStack, for a stack that failed with its rollback disabled."""
    deployment = operation.get("deployment")
    if deployment is None:
        await MINISTACK_ROLL_BACK(stack_name, stack_id, stack, operation, reason_override)
        return
    with StackOperation(stack_name, stack_id, stack) as running:
        deployment.operation = running
        await deployment.roll_back(reason_override)


# ---- delete ----------------------------------------------------------------------------------------------------------

async def delete_stack(stack_name, stack_id, retain_resources=(), force=False):
    """In the place of ministack's _delete_stack_async: dependents first, side by side; what a resource that failed to
    delete depends on stays (its function and role, above all, so that the delete can be tried again)."""
    if force:
        await MINISTACK_DELETE(stack_name, stack_id, retain_resources, force)
        return
    stack = _stacks.get(stack_name)
    if not stack:
        return
    if (running := RUNNING.get(stack_id)) is not None:
        running.stop("deleted")
        await running.finished.wait()

    with StackOperation(stack_name, stack_id, stack) as operation:
        operation.turn_back()
        operation.stack_event("DELETE_IN_PROGRESS", "User Initiated")
        template, conditions = stack.get("_template") or {}, stack.get("_conditions", {})
        records = stack.get("_resources", {})
        leftovers = stack.pop("_leftovers", [])

        def policy_of(name):
            if name in retain_resources:
                return "Retain"
            return stacks._resource_policy(
                template.get("Resources", {}).get(name), "DeletionPolicy", records, stack.get("_resolved_params", {}),
                conditions, template.get("Mappings", {}), stack_name, stack_id)

        removals = leftovers + [
            Removal(name, record.get("ResourceType", ""), record.get("PhysicalResourceId", ""),
                    record.get("Properties", {}), policy_of(name))
            for name, record in records.items()]
        failed, finished = await operation.remove(removals, dependencies_of(template, conditions))
        for removal in finished:
            if removal.logical_id not in failed:
                records.pop(removal.logical_id, None)
        for name in failed:
            if name in records:
                records[name].update(ResourceStatus="DELETE_FAILED", ResourceStatusReason="")
        if failed:
            stack["_leftovers"] = [r for r in leftovers if r not in finished]
            operation.stack_event("DELETE_FAILED", failed_to_delete(failed))
            return
        for output in stack.get("Outputs", []):
            _exports.pop(output.get("ExportName"), None)
        operation.stack_event("DELETE_COMPLETE")


def refuse_delete_during_update(delete_action):
    """AWS deletes a stack whose creation is under way, but not one whose update is."""
    def action(params):
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        status = (stack or {}).get("StackStatus", "")
        if status.startswith("UPDATE_") and status.endswith("_IN_PROGRESS"):
            return helpers._error("ValidationError",
                                  f"Stack [{stack['StackId']}] cannot be deleted while in status {status}")
        return delete_action(params)
    return action


def without_empty_reasons(describe_action):
    """An event has no ResourceStatusReason instead of an empty one, as on AWS."""
    def action(params):
        status, headers, body = describe_action(params)
        return status, headers, body.replace(b"<ResourceStatusReason></ResourceStatusReason>", b"")
    return action


def request_of_nested_stack(request_type, logical_id, props, stack_name, stack_id, resource_type, physical_id=None,
                            old_props=None):
    """Nested stacks still go ministack's way, one resource after the other; a failed Create gets its Delete at once."""
    try:
        return send_request(request_type, logical_id, props, stack_name, stack_id, resource_type, physical_id, old_props)
    except ResourceFailed as failure:
        if request_type == "Create" and failure.delivered:
            try:
                send_request("Delete", logical_id, props, stack_name, stack_id, resource_type,
                             failure.physical_id or invented_physical_id(stack_name, logical_id))
            except ResourceFailed as error:
                log.error("Delete after the failed Create of %s: %s", logical_id, error)
        raise


# ======================================================================================================================
# 5. Principals
# ======================================================================================================================

def function_credentials(config):
    """Credentials of a function: a session of its role, whether or not IAM is enforced (ministack: only if it is)."""
    account, _region = lambda_runtime._account_region_from_function_config(config)
    role_name = config.get("Role", "").rsplit("/", 1)[-1]
    digest = sha256(f"{config.get('FunctionArn', '')}:{config.get('Role', '')}")
    credentials = {
        "AWS_ACCESS_KEY_ID": f"ASIA{digest[:16].upper()}",
        "AWS_SECRET_ACCESS_KEY": sha256(f"secret:{digest}"),
        "AWS_SESSION_TOKEN": sha256(f"token:{digest}"),
    }
    session_name = config.get("FunctionName", "function")[:64]
    sts.register_session(credentials["AWS_ACCESS_KEY_ID"], {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}",
        "UserId": f"{role_name}:{session_name}",
        "SecretAccessKey": credentials["AWS_SECRET_ACCESS_KEY"],
        "SessionToken": credentials["AWS_SESSION_TOKEN"],
    })
    return credentials


def function_url_event_with_caller(build):
    """A function behind a URL with IAM authorization sees who signed the request (ministack: only that it was signed)."""
    def built(url_id, account_id, region, method, path, headers, body, query_params, **options):
        event = build(url_id, account_id, region, method, path, headers, body, query_params, **options)
        caller = None if options.get("anonymous") else sts._caller_identity(headers, query_params)
        if isinstance(caller, dict):
            event["requestContext"]["authorizer"] = {"iam": {
                "accessKey": caller.get("accessKey"), "accountId": caller["accountId"], "callerId": caller["userId"], "cognitoIdentity": None,
                "principalOrgId": None, "userArn": caller["userArn"], "userId": caller["userId"],
            }}
        return event
    return built


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def principal_of(access_key):
    """The role behind an access key and its policies of this moment, or None for a key that is no role session."""
    session = sts._sessions.get(access_key)
    if session is None or sts._session_expired(session) or ":assumed-role/" not in session["Arn"]:
        return None
    account, role_name = session["Arn"].split(":")[4], session["Arn"].split("/")[1]
    role = iam._roles.get_scoped(account, None, role_name)
    principal = {"arn": session["Arn"], "roleName": role_name, "account": account, "policies": []}
    if role is None:
        return principal | {"isRoleDeleted": True}   # nothing is allowed any more
    documents = [*(role.get("InlinePolicies") or {}).values()]
    documents += [iam_evaluator._resolve_managed_policy_document(arn, account)
                  for arn in role.get("AttachedPolicies", [])]
    principal["roleArn"] = role.get("Arn")
    principal["policies"] = [as_document(document) for document in documents if document]
    if role.get("PermissionsBoundary"):
        boundary = iam_evaluator._resolve_managed_policy_document(role["PermissionsBoundary"], account)
        principal["boundary"] = as_document(boundary) if boundary else {"Version": "2012-10-17", "Statement": []}
    return principal


def as_document(document):
    return json.loads(document) if isinstance(document, str) else document


# ======================================================================================================================
# 6. Invocations
# ======================================================================================================================

# The newest; a cloud may run for days.
INVOCATIONS = deque(maxlen=5000)
INVOCATION_IDS = itertools.count(1)
TRACE_ID = contextvars.ContextVar("trace_id", default=None)
EXECUTE_WARM = lambda_svc._execute_function_warm

# Since the quota was set: the most executions at once, and the invocations that were throttled.
CONCURRENCY = {"peak": 0, "throttled": 0}
THROTTLE_RESPONSE = lambda_svc._throttle_response


def set_lambda_concurrency(quota):
    """ministack throttles as AWS does: 429 for a synchronous invocation, a failed task for a state machine."""
    lambda_svc._ACCOUNT_CONCURRENCY_CAP = quota
    CONCURRENCY.update(peak=0, throttled=0)


def throttle_response_counted(*args, **kwargs):
    CONCURRENCY["throttled"] += 1
    return THROTTLE_RESPONSE(*args, **kwargs)


def execute_recorded(func, event, request_id):
    """Every invocation has a trace id, as on AWS; the SDKs send it along, so that a service can identify the invocation that calls."""
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    record = {
        "id": next(INVOCATION_IDS), "requestId": request_id, "traceId": root,
        "functionName": (func.get("config") or func).get("FunctionName", ""), "startedAt": timestamp(), **request_in(event),
    }
    INVOCATIONS.append(record)
    CONCURRENCY["peak"] = max(CONCURRENCY["peak"], lambda_svc.executions_in_flight()[0])
    token = TRACE_ID.set(f"Root={root};Parent={secrets.token_hex(8)};Sampled=0")
    try:
        result = EXECUTE_WARM(func, event, request_id)
        record["outcome"] = "FAILED" if isinstance(result, dict) and result.get("error") else "SUCCESS"
        return result
    finally:
        TRACE_ID.reset(token)
        record["endedAt"] = timestamp()


def request_in(event):
    """The fields of a CloudFormation event that identify the request. Properties are left out, because they may contain secrets."""
    if not isinstance(event, dict) or not isinstance(event.get("LogicalResourceId"), str):
        return {}
    return {"stackId": event.get("StackId"), "logicalId": event["LogicalResourceId"],
            "requestType": event.get("RequestType"), "customResourceRequestId": event.get("RequestId")}


# ======================================================================================================================
# 7. Routes, patches, start and stop
# ======================================================================================================================

def by_log_level(emit):
    """The CDK's framework functions ask for application log level FATAL: nothing they print reaches CloudWatch Logs."""
    def emit_filtered(func, request_id, log_text, *args, **kwargs):
        config = func.get("config") or func
        silent = (config.get("LoggingConfig") or {}).get("ApplicationLogLevel") == "FATAL"
        return emit(func, request_id, "" if silent else log_text, *args, **kwargs)
    return emit_filtered


def unsupported_service(method, path, headers, query):
    """A sentence that names the service, where ministack takes the request for one to S3 or answers without a message."""
    service = detect_service(method, path, headers, query)
    if service in app.SERVICE_HANDLERS or service == "unknown_query" or path.startswith("/_"):
        return None
    message = f"The local cloud doesn't support {method} {path} of the service {service}. See the supported operations in docs/local-cloud-support.md."
    return 400, {"Content-Type": "application/json", "x-amzn-errortype": "UnsupportedOperation"}, json.dumps({"message": message}).encode()


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


def emit_event(event):
    """An event as the service sends it: PutEvents refuses sources of AWS. The answer names the rules that match."""
    if not isinstance(event, dict):
        return 400, {"message": "The body must be a JSON object with source, detailType, and detail."}
    missing = [name for name in ("source", "detailType", "detail") if not event.get(name)]
    if missing:
        return 400, {"message": f"{', '.join(missing)}: needed for an event"}
    entry = {"Source": event["source"], "DetailType": event["detailType"], "Detail": json.dumps(event["detail"]),
             "Resources": event.get("resources", [])}
    record = {**entry, "EventBusName": "default", "Account": get_account_id(), "Region": get_region(), "EventId": "", "Time": 0}
    view = eventbridge._pattern_event_view(record)
    rules = [rule["Name"] for key, rule in eventbridge._rules.items()
             if rule.get("EventBusName", "default") == "default" and rule.get("State") == "ENABLED" and rule.get("EventPattern")
             and eventbridge._matches_pattern_view(rule["EventPattern"], view, f"rule {key}")]
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    return 200, {"rules": sorted(rules)}


JOURNAL_PATH = "/_ministack/custom-resources"


def answer_get(path, query):
    first = {key: values[0] for key, values in query.items()}
    if path == "/_ministack/principal":
        principal = principal_of(first.get("accessKeyId", ""))
        return (200, principal) if principal else (404, {"message": "No role session has this access key."})
    if path == JOURNAL_PATH:
        wanted = first.get("stackName")
        return 200, [record for record in JOURNAL if wanted in (None, record["stackName"])]
    if path == "/_ministack/invocations":
        after = int(first.get("after", "0"))
        return 200, [record for record in list(INVOCATIONS) if record["id"] > after]
    if path == "/_ministack/supported":
        return 200, {"resourceTypes": sorted(provisioners._RESOURCE_HANDLERS), "services": sorted(app.SERVICE_HANDLERS)}
    if path == "/_ministack/settings":
        return 200, SETTINGS
    if path == "/_ministack/concurrency":
        return 200, {"quota": SETTINGS["lambdaConcurrency"], **CONCURRENCY}
    return None


def answer_change(method, path, body):
    if method == "PUT" and path.startswith("/_ministack/cfn-response/"):
        receive_answer(path.rsplit("/", 1)[-1], body)
        return 200, None
    if method == "DELETE" and path == JOURNAL_PATH:
        JOURNAL.clear()
        return 200, {}
    if method == "POST" and path == f"{JOURNAL_PATH}/faults":
        fault = json.loads(body)
        if fault.get("fault") not in ("duplicate", "kill", "lose-answer"):
            return 400, {"message": "fault must be one of duplicate, kill, lose-answer"}
        FAULTS.append({"times": 1, **fault})
        return 200, {}
    if method == "POST" and path == "/_ministack/events":
        return emit_event(parsed(body))
    if method == "PUT" and path == "/_ministack/settings":
        changes = json.loads(body)
        if unknown := sorted(changes.keys() - SETTINGS.keys()):
            return 400, {"message": f"Unknown settings: {', '.join(unknown)}"}
        SETTINGS.update(changes)
        if "lambdaConcurrency" in changes:
            set_lambda_concurrency(changes["lambdaConcurrency"])
        return 200, SETTINGS
    return None


def as_http(answer):
    status, content = answer
    body = b"" if content is None else json.dumps(content, default=str).encode()
    return status, {"Content-Type": "application/json"}, body


def with_own_routes(before_body, after_body):
    async def pre(method, path, headers, query_params, request_id):
        answer = answer_get(path, query_params) if method == "GET" else None
        if answer:
            return as_http(answer)
        return (unsupported_service(method, path, headers, query_params)
                or await before_body(method, path, headers, query_params, request_id))

    async def post(method, path, headers, body, query_params, request_id):
        answer = answer_change(method, path, body) if path.startswith("/_ministack/") else None
        return as_http(answer) if answer else await after_body(method, path, headers, body, query_params, request_id)
    return pre, post


def forget_everything():
    MINISTACK_RESET()
    PENDING.clear()
    JOURNAL.clear()
    INVOCATIONS.clear()
    FAULTS.clear()
    additional_types.ROLE_ALIASES.clear()


MINISTACK_DEPLOY = stacks._deploy_stack_async
MINISTACK_DELETE = stacks._delete_stack_async
MINISTACK_ROLL_BACK = stacks._roll_back_operation
MINISTACK_RESET = custom_resource.reset


def on_bound_port(create_sockets):
    """The server listens on the port that is bound already."""
    address = ":".join(map(str, BOUND.getsockname()))

    def create(config, binds, *args):
        return create_sockets(config, [f"fd://{BOUND.detach()}" if bind == address else bind for bind in binds], *args)
    return create


def tell_port(file):
    """The file is there only when it is complete."""
    with open(f"{file}.new", "w") as new:
        new.write(os.environ["GATEWAY_PORT"])
    os.replace(f"{file}.new", file)


def patch_ministack():
    for module in (stacks, handlers, changesets):
        module._deploy_stack_async = deploy_stack
        if hasattr(module, "_delete_stack_async"):
            module._delete_stack_async = delete_stack
        if hasattr(module, "_roll_back_operation"):
            module._roll_back_operation = roll_back_operation
    handlers._ACTION_HANDLERS["DeleteStack"] = refuse_delete_during_update(handlers._ACTION_HANDLERS["DeleteStack"])
    handlers._ACTION_HANDLERS["DescribeStackEvents"] = without_empty_reasons(handlers._ACTION_HANDLERS["DescribeStackEvents"])
    custom_resource.invoke_custom_resource = request_of_nested_stack
    custom_resource.reset = forget_everything
    additional_types.add_types()
    for resource_type in FORWARDED_TYPES:
        provisioners._RESOURCE_HANDLERS[resource_type] = forwarded_type(resource_type)
    provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"] = secret_with_arn_as_ref()
    drift._DRIFT_READERS["AWS::SecretsManager::Secret"] = drift_of_secret_by_arn()
    secretsmanager._put_secret_value = put_secret_value_once(secretsmanager._put_secret_value)
    provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"] = role_with_boundary()
    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"] = function_with_checked_role()
    lambda_runtime.execution_credentials = lambda_svc.execution_credentials = function_credentials
    lambda_svc._build_function_url_event = function_url_event_with_caller(lambda_svc._build_function_url_event)
    lambda_svc._execute_function_warm = execute_recorded
    lambda_runtime.Worker.invoke = invoke_worker(lambda_runtime.Worker.invoke)
    lambda_runtime.Worker._spawn = runtime_packages.with_runtime_packages(lambda_runtime.Worker._spawn)
    lambda_svc._throttle_response = throttle_response_counted
    lambda_svc._xray_trace_id_for_invocation = lambda config, inbound_trace_header=None: TRACE_ID.get()
    lambda_svc._emit_lambda_logs = by_log_level(lambda_svc._emit_lambda_logs)
    # Plain http on the loopback interface stands for TLS: the CDK's own asset bucket denies all other requests, so that
    # without this no app with the default synthesizer can be deployed where IAM is enforced.
    pin_request_origin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, _secure_transport: pin_request_origin(source_ip, True)
    app._handle_pre_body_request, app._handle_post_body_shortcuts = with_own_routes(
        app._handle_pre_body_request, app._handle_post_body_shortcuts)
    HypercornConfig._create_sockets = on_bound_port(HypercornConfig._create_sockets)


def stop_with_parent():
    """End as soon as stdin closes: the launcher asked for it, or it is gone, in whatever way."""
    def wait():
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        stop_everything()
    threading.Thread(target=wait, daemon=True, name="stop-with-parent").start()


def stop_everything():
    with lambda_runtime._lock:
        workers = [w for entries in lambda_runtime._workers.values() for w in entries]
    for process in [w._proc for w in workers if w._proc is not None]:
        process.kill()
    if os.environ.get("LAUNCHER_REMOVES_TMPDIR") == "1":
        shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)   # functions that were just being started, and this process itself
    os._exit(0)


if __name__ == "__main__":
    patch_ministack()
    runtime_packages.link_packages_of_project()
    if os.environ.get("LAUNCHER_STOPS_WITH_STDIN") == "1":
        stop_with_parent()
    if os.environ.get("LAUNCHER_PORT_FILE"):
        tell_port(os.environ["LAUNCHER_PORT_FILE"])
    sys.argv[1:] = []
    app.main()
