import { Authorizer, Principal, Principals } from './authorization';
import { CallRecord, redact } from './calls';
import { chime } from './chime';
import { chimeSdkMeetings } from './chime-sdk-meetings';
import { chimeSdkVoice } from './chime-sdk-voice';
import { Clock, realClock } from './clock';
import { dynamoDb } from './dynamodb';
import { ConnectionLost, ServiceError } from './errors';
import { Fault, FaultInjector, FaultPlan } from './faults';
import { ivsRealtime } from './ivs-realtime';
import { kinesisVideo, kinesisVideoSignaling } from './kinesisvideo';
import { knownMembers, OperationModel, signingName } from './model';
import { protocolOf } from './protocol';
import { seededRandom } from './random';
import { RateLimiter, RateSetting } from './rates';
import { CredentialScope, credentialScope, EmulatorRequest, EmulatorResponse, ParsedRequest, parseRequest } from './request';
import { toWire } from './rest-json';
import { secretsManager } from './secrets-manager';
import { CallContext, Edit, Operation, ResourceRequest, ResourceResult, Service, ServiceFactory, Target, Timings } from './service';
import { validate, validationMessage } from './validation';

export interface EmulatorOptions {
  readonly clock?: Clock;
  /** The account of callers whose principal does not name one. Default: 000000000000. */
  readonly account?: string | ((accessKeyId: string) => string);
  /** Default: all services, with their default settings. */
  readonly services?: readonly ServiceFactory[];
  /** The principal of an access key and its current policies. Default: every key has unrestricted access. */
  readonly principals?: Principals;
  readonly timings?: Partial<Timings>;
  /** How long each call is on its way before it is carried out, in milliseconds. Default: 0. */
  readonly latency?: number;
  /** Default: 'documented'. */
  readonly rates?: RateSetting;
  /** For everything that happens by chance. Default: 1. */
  readonly seed?: number;
}

export interface CallEvent {
  readonly phase: 'before' | 'after';
  readonly call: Readonly<CallRecord>;
  /** The input, not redacted. */
  readonly input: Record<string, unknown>;
}

/** May be asynchronous. Throwing breaks the connection: before, the operation is not carried out; after, its response is lost. */
export type CallListener = (event: CallEvent) => void | Promise<void>;

function allServices(): ServiceFactory[] {
  return [kinesisVideo(), kinesisVideoSignaling(), ivsRealtime(), chimeSdkVoice(), chimeSdkMeetings(), chime(), secretsManager(), dynamoDb()];
}

const defaultTimings: Timings = { creating: 1000, updating: 1000, deleting: 1000, mediaStorage: 500 };

/** A request that is understood: what is left is to decide on it and to carry it out. */
interface Call {
  readonly service: Service;
  readonly model: OperationModel;
  readonly operation: Operation;
  readonly input: Record<string, unknown>;
  readonly scope: CredentialScope;
  readonly account: string;
  readonly principal?: Principal;
  readonly record: CallRecord;
}

/** The services in one process: no sockets, no timers. */
export class Emulator {
  readonly clock: Clock;
  readonly calls: CallRecord[] = [];
  readonly services: readonly Service[];
  private readonly random: () => number;
  private readonly faults: FaultInjector;
  private readonly rates: RateLimiter;
  private readonly authorizer = new Authorizer();
  private readonly listeners = new Set<CallListener>();

  constructor(private readonly options: EmulatorOptions = {}) {
    this.clock = options.clock ?? realClock;
    this.random = seededRandom(options.seed ?? 1);
    this.faults = new FaultInjector(this.random);
    this.rates = new RateLimiter(options.rates ?? 'documented');
    const engine = { clock: this.clock, timings: { ...defaultTimings, ...options.timings }, random: this.random };
    this.services = (options.services ?? allServices()).map(create => create(engine));
  }

  /** Answers one request; throws ConnectionLost, or what a listener threw, when the caller gets no answer. */
  async handle(request: EmulatorRequest): Promise<EmulatorResponse> {
    const parsed = parseRequest(request);
    const record: CallRecord = {
      id: this.calls.length + 1,
      time: this.clock.now(),
      service: parsed.service,
      operation: 'unknown',
      outcome: 'pending',
      mutated: false,
      faults: [],
      ...traceOf(parsed.headers['x-amzn-trace-id']),
    };
    this.calls.push(record);
    const service = this.services.find(({ name }) => name === parsed.service);
    const response = service
      ? await this.answer(service, parsed, record)
      : plainError(404, 'UnknownService', `no service at /${parsed.service}; the endpoints are /${this.services.map(({ name }) => name).join(', /')}`);
    response.headers['x-amzn-requestid'] = `emulator-${record.id}`;
    record.status = response.status;
    if (record.outcome === 'pending') record.outcome = response.status < 300 ? 'success' : response.headers['x-amzn-errortype'];
    return response;
  }

  /** Called before and after each operation. Returns what ends it. */
  onCall(listener: CallListener): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  addFault(fault: Fault): string {
    return this.faults.add(fault);
  }

  /** Without an id: all. */
  removeFaults(id?: string): void {
    this.faults.remove(id);
  }

  listFaults(): ReturnType<FaultInjector['list']> {
    return this.faults.list();
  }

  setRates(setting: RateSetting): void {
    this.rates.set(setting);
  }

  /** An out-of-band change, immediately and without IAM. */
  edit(edit: Edit & { readonly service: string }): void {
    this.service(edit.service).edit(edit, this.clock.now());
  }

  /** Creates, updates or deletes a stand-in for a CloudFormation resource type. */
  applyResource(request: ResourceAction): ResourceResult {
    const type = this.services.map(service => service.resourceTypes[request.type]).find(Boolean);
    if (!type) throw new ServiceError('UnknownResourceType', `no stand-in for ${request.type}`, 400);
    const { account = this.defaultAccount(''), region, properties = {}, action } = request;
    return type[action]({ ...request, account, region, properties, now: this.clock.now() });
  }

  /** What each service holds now, as plain JSON. */
  state(): Record<string, unknown> {
    return Object.fromEntries(this.services.map(({ name }) => [name, this.stateOf(name)]));
  }

  stateOf(service: string): unknown {
    return this.service(service).snapshot(this.clock.now());
  }

  /** Empties everything: resources, calls, faults, limits. Listeners stay. */
  reset(): void {
    for (const service of this.services) service.reset();
    this.calls.length = 0;
    this.faults.remove();
    this.rates.reset();
  }

  service(name: string): Service {
    const service = this.services.find(candidate => candidate.name === name);
    if (!service) throw new ServiceError('UnknownService', `no service ${name}`, 404);
    return service;
  }

  private async answer(service: Service, request: ParsedRequest, record: CallRecord): Promise<EmulatorResponse> {
    try {
      const call = await this.understand(service, request, record);
      return await this.perform(call);
    } catch (error) {
      if (!(error instanceof ServiceError)) {
        record.outcome = error instanceof Error ? error.name : 'Error';
        throw error;
      }
      record.outcome = error.errorName;
      record.message = error.message;
      return protocolOf(service.model).writeError(service.model, error);
    }
  }

  private async understand(service: Service, request: ParsedRequest, record: CallRecord): Promise<Call> {
    const signed = credentialScope(request.headers, signingName(service.model));
    const scope = { ...signed, region: service.globalRegion ?? signed.region };
    Object.assign(record, { region: scope.region, accessKeyId: scope.accessKeyId });
    if (service.regions && !service.regions.includes(scope.region)) {
      throw new ConnectionLost(`getaddrinfo ENOTFOUND: ${service.name} has no endpoint in ${scope.region}`);
    }
    const protocol = protocolOf(service.model);
    const route = protocol.findRoute(service.model, request);
    const operation = route && service.operations[route.operation.name];
    if (!route || !operation) throw unknownOperation(protocol.unknownOperation, service, request);
    record.operation = route.operation.name;
    const { account, principal } = await this.identify(scope.accessKeyId);
    Object.assign(record, { account, principal: principal?.arn, ...principal?.isRoleDeleted && { isRoleDeleted: true } });
    const input = understood(service, route.operation, protocol.readInput(service.model, route, request));
    record.input = route.operation.input && redact(service.model, route.operation.input, input);
    return { service, model: route.operation, operation, input, scope, account, principal, record };
  }

  private async identify(accessKeyId: string): Promise<{ account: string; principal?: Principal }> {
    const found = this.options.principals ? await this.options.principals(accessKeyId) : 'unrestricted';
    if (found === undefined) throw new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403);
    if (found === 'unrestricted') return { account: this.defaultAccount(accessKeyId) };
    return { account: /^arn:[^:]+:[^:]+:[^:]*:(\d{12}):/.exec(found.arn)?.[1] ?? this.defaultAccount(accessKeyId), principal: found };
  }

  private defaultAccount(accessKeyId: string): string {
    const { account = '000000000000' } = this.options;
    return typeof account === 'function' ? account(accessKeyId) : account;
  }

  private async perform(call: Call): Promise<EmulatorResponse> {
    const { service, operation, input, record } = call;
    await this.notify('before', call);
    // A request that is not valid may lack what its targets are made from.
    const findings = call.model.input ? validate(service.model, call.model.input.shape, input, service) : [];
    const targets = findings.length > 0 ? [] : operation.targets(input, this.context(call, 0));
    record.resource = targets[0]?.arn;
    if (targets[0] && targets[0].arn !== '*' && !targets[0].tags && !operation.created) record.isResourceMissing = true;
    const items = findings.length > 0 ? [] : operation.items?.(input);
    const plan = this.faults.plan({ service, operation: call.model.name, access: operation.access, resources: targets.map(({ arn }) => arn), items });
    record.faults.push(...plan.kinds);
    const delay = plan.delay + (this.options.latency ?? 0);
    if (delay > 0) await this.clock.sleep(delay);
    if (!plan.executed) return this.end(call, plan, undefined);
    this.limit(call, targets[0]);
    if (findings.length > 0) throw new ServiceError(service.errors.invalid, validationMessage(findings));
    if (call.principal) {
      await this.authorizer.authorize(service, call.model.name, call.principal, call.account, operation.targets(input, this.context(call, 0)));
    }
    return this.end(call, plan, this.execute(call, plan));
  }

  private limit(call: Call, target: Target | undefined): void {
    const { service, model, account, scope } = call;
    const key = `${service.name} ${account} ${scope.region}`;
    const keys = { account: key, operation: `${key} ${model.name}`, resource: target && (target.limitKey ?? target.arn) };
    if (!this.rates.take(service.rates[model.name], keys, this.clock.now())) {
      throw new ServiceError(service.errors.throttled, 'Rate exceeded');
    }
  }

  /** Synchronous: two calls never interleave within an operation. */
  private execute(call: Call, plan: FaultPlan): EmulatorResponse | ServiceError {
    const { service, model, record } = call;
    const changesBefore = service.changes();
    try {
      const output = call.operation.run(call.input, { ...this.context(call, plan.lag), itemErrors: plan.itemErrors });
      const wire = model.output ? toWire(service.model, model.output.shape, output) as Record<string, unknown> : {};
      const findings = model.output ? validate(service.model, model.output.shape, wire, { structureOnly: true }) : [];
      if (findings.length > 0) throw new Error(`${service.name} ${model.name} answered what its model does not know: ${findings.join('; ')}`);
      record.outcome = 'success';
      if (call.operation.created) record.resource = call.operation.created(output);
      return protocolOf(service.model).writeOutput(service.model, model, wire);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      record.outcome = error.errorName;
      record.message = error.message;
      return error;
    } finally {
      record.mutated = service.changes() !== changesBefore;
    }
  }

  /** What the caller gets in the end: the result, or what a fault makes of it. */
  private async end(call: Call, plan: FaultPlan, result: EmulatorResponse | ServiceError | undefined): Promise<EmulatorResponse> {
    if (!result) call.record.outcome = plan.error?.errorName ?? 'ConnectionLost';
    await this.notify('after', call);
    if (plan.lost) throw new ConnectionLost();
    if (plan.error) throw plan.error;
    if (result instanceof ServiceError) throw result;
    return result!;
  }

  private async notify(phase: CallEvent['phase'], call: Call): Promise<void> {
    for (const listener of [...this.listeners]) await listener({ phase, call: call.record, input: call.input });
  }

  private context(call: Call, lag: number): CallContext {
    const now = this.clock.now();
    return { account: call.account, region: call.scope.region, now, readAt: now - lag };
  }
}

export interface ResourceAction extends Omit<ResourceRequest, 'now' | 'account' | 'properties'> {
  readonly action: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly account?: string;
  readonly properties?: Record<string, unknown>;
}

function traceOf(header = ''): { traceId?: string } {
  const traceId = /(?:^|;)\s*Root=([\w-]{1,64})/.exec(header)?.[1];
  return traceId ? { traceId } : {};
}

function understood(service: Service, { input: shape }: OperationModel, input: Record<string, unknown>): Record<string, unknown> {
  return shape && service.unknownMembers === 'ignore' ? knownMembers(service.model, shape.shape, input) as Record<string, unknown> : input;
}

function unknownOperation(status: number, { name, operations }: Service, { method, path, headers }: ParsedRequest): ServiceError {
  const { 'x-amz-target': target = `${method} ${path}` } = headers;
  return new ServiceError(
    'UnknownOperationException', `The emulator of ${name} doesn't support ${target}. It supports ${Object.keys(operations).sort().join(', ')}.`, status,
  );
}

function plainError(status: number, name: string, message: string): EmulatorResponse {
  return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': name }, body: JSON.stringify({ message }) };
}
