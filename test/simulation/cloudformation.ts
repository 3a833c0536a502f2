import type { Coverage } from './coverage';
import type { Framework, Response } from './framework';
import type { Desired, Disturbance } from './history';
import { InvariantViolation } from './invariant-violation';
import type { Kind } from './kinds/kind';
import type { Time } from './time';
import type { Version } from './versions';
import { TIMING } from '../../src/private/contract';
import { asStrings } from '../cloudformation';

/** A resource of a template. */
export interface Declaration {
  readonly kind: Kind;
  readonly desired: Desired;
  readonly properties: Record<string, unknown>;
}

export type Template = ReadonlyMap<string, Declaration>;

export interface Deployed extends Declaration {
  readonly physicalId: string;
  /** The handlers that completed the last Create or Update. Undefined: a rollback left the resource to the Delete of its replacement. */
  readonly version?: Version;
  /** The attributes of the last Create or Update, which `Fn::GetAtt` returns. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Disturbances of one operation, with what its faults mean for the stack. */
export interface StackDisturbance extends Disturbance {
  /** Reads of secrets may be stale. */
  readonly staleSecrets?: boolean;
}

/** Milliseconds after which CloudFormation stops waiting for a response. */
const serviceTimeoutOf = ({ serviceTimeout = TIMING.serviceTimeout }: Kind): number => serviceTimeout * 1000;
/** Milliseconds within which a request is complete that didn't have to wait. */
const WITHOUT_WAITING = 10_000;

/** An ID that a handler returned: an ARN, a phone number, or the name of a pool. */
const RETURNED_BY_HANDLER = /^(arn:|\+|Played-|Other-)/;

/** CloudFormation's operations on a stack: updates before the cleanup, the policies of both templates in the meantime, and every form of rollback. */
export class Stack {
  readonly deployed = new Map<string, Deployed>();
  /** Resources to which a canceled update, whose waiter still runs, may apply its values again: a known gap in docs/reliability.md. */
  readonly unsettled = new Set<string>();
  /** Settings that a rollback may not restore. They may be missing until their next update. */
  readonly unrestored = new Set<string>();
  /** When the last operation completed a request without waiting, so that the state was observed at that time. By logical ID. */
  readonly completed = new Map<string, number>();
  /** Resources that CloudFormation left without a Delete, because of their deletion policy. */
  readonly retained: Deployed[] = [];
  /** Every ID that a handler ever returned. */
  readonly known = new Set<string>();
  /** The kinds that have a policy at this time. */
  kinds = new Set<Kind>();
  /** The version of the library that the stack's functions have. */
  version: Version = 'current';
  readonly transcript: string[] = [];
  /** When CloudFormation began to delete a resource, by physical ID: everything that depends on the resource is deleted before. */
  readonly deletedSince = new Map<string, number>();
  private requests = 0;
  /** The last request of each resource, by logical ID. */
  private readonly lastRequests = new Map<string, string>();
  /** All deliveries of a request that is delivered again, by logical ID. Nothing could undo a delivery that outlives its operation: a known gap in docs/reliability.md. */
  private readonly deliveries = new Map<string, Promise<unknown>>();

  /**
   * @param unblock an operator removes the cause of a failed rollback; false: there is none
   * @param endThrottling ends a burst of throttling
   */
  constructor(
    readonly id: string,
    private readonly framework: Framework,
    private readonly time: Time,
    private readonly coverage: Coverage,
    private readonly unblock: () => boolean,
    private readonly endThrottling: () => unknown,
  ) {}

  /** @returns whether the stack has the state of the template; otherwise it was rolled back */
  async deploy(template: Template, disturbance: StackDisturbance): Promise<boolean> {
    const before = new Map(this.deployed);
    const versionBefore = before.size > 0 ? this.version : undefined;
    // The functions are updated before the resources that depend on them, in a rollback, too.
    this.version = disturbance.previousVersion ? 'previous' : 'current';
    this.completed.clear();
    this.kinds = kindsOf(before, template);
    const isChanged = (id: string, { properties }: Declaration) => JSON.stringify(before.get(id)?.properties) !== JSON.stringify(properties);
    const changes = [...template].filter(([id, declaration]) => isChanged(id, declaration));
    const { failsAfter } = disturbance;
    const canceled = failsAfter === undefined ? new Promise<never>(() => {}) : this.time.sleep(failsAfter * 1000).then(() => undefined);
    const outcomes = await Promise.all(changes.map(async ([id, { kind, properties }], index) => {
      const old = before.get(id);
      const response = old
        ? await this.request('update', id, kind, { properties, oldProperties: old.properties, physicalId: old.physicalId }, disturbance, index, canceled)
        : await this.request('create', id, kind, { properties }, disturbance, index, canceled);
      return { id, old, response };
    }));
    const failed = disturbance.failsLast || disturbance.failsAfter !== undefined || outcomes.some(({ response }) => response?.Status !== 'SUCCESS');
    if (failed) {
      this.transcript.push('  rollback');
      this.version = versionBefore ?? this.version;
      for (const { id, old, response } of outcomes) await this.rollBack(id, template.get(id)!, old, response, disturbance);
      this.kinds = kindsOf(this.deployed);
      return false;
    }
    for (const { id, response } of outcomes) {
      this.deployed.set(id, { ...template.get(id)!, physicalId: response!.PhysicalResourceId, version: this.version, attributes: response!.Data });
      this.unsettled.delete(id);
      this.unrestored.delete(id);
    }
    // The desired state may change without a change of the properties.
    for (const [id, { physicalId, version, attributes }] of this.deployed) {
      if (template.has(id)) this.deployed.set(id, { ...template.get(id)!, physicalId, version, attributes });
    }
    for (const { id, old, response } of outcomes) if (old && old.physicalId !== response!.PhysicalResourceId) await this.deleteOrRetain('clean-up of a replaced one', id, old);
    for (const [id, old] of before) {
      if (template.has(id)) continue;
      await this.deleteOrRetain('clean-up of a removed one', id, old);
      this.deployed.delete(id);
    }
    this.kinds = kindsOf(this.deployed);
    return true;
  }

  async delete(): Promise<void> {
    await Promise.all([...this.deployed].map(([id, old]) => this.deleteOrRetain('delete', id, old)));
    this.deployed.clear();
    this.kinds = new Set();
  }

  /** Waits until every delivery has ended. */
  async deliveriesEnded(): Promise<void> {
    await Promise.all(this.deliveries.values());
  }

  private async rollBack(
    id: string, attempted: Declaration, old: Deployed | undefined, response: Response | undefined, disturbance: StackDisturbance,
  ): Promise<void> {
    const { kind } = attempted;
    // A rollback restores no recording and no setting of a retained resource: a known gap in docs/reliability.md.
    const stream = kind.recordsInto?.(attempted.properties);
    const parent = parentOf(attempted.properties);
    for (const [other, { kind: otherKind, properties }] of this.deployed) {
      if (other === id || !properties.Retain) continue;
      const isSameSetting = parent !== undefined && kind === otherKind && parentOf(properties) === parent;
      if (isSameSetting) this.unrestored.add(other);
      if (stream !== undefined && otherKind.recordsInto?.(properties) === stream) this.unsettled.add(other);
    }
    if (!old) {
      // Without a response, CloudFormation invents an ID.
      const form = response ? 'delete of a failed create' : 'delete with an invented id';
      const created = this.lastRequests.get(id)!;
      await this.deleteResource(form, id, { ...attempted, physicalId: response?.PhysicalResourceId ?? `Stack-${id}-1A2B3C4D5E6F` });
      if (!response && !kind.refusesLateDeliveries) this.framework.cancel(created);
      return;
    }
    const newId = response?.PhysicalResourceId ?? old.physicalId;
    // The waiter of a canceled update, or of its second delivery, may still run.
    const mayOutlive = !response || disturbance.duplicates.length > 0;
    let current = old.physicalId;
    let version: Version | undefined;
    let { attributes } = old;
    if (disturbance.rollback !== 'delete' || newId === old.physicalId) {
      const form = newId === old.physicalId ? 'update back in place' : `update back with the ${disturbance.rollback} id`;
      const attempt = () => this.request(form, id, kind, {
        properties: old.properties, oldProperties: attempted.properties, physicalId: disturbance.rollback === 'old' ? old.physicalId : newId,
      });
      let rolledBack = await attempt();
      // Such a waiter may fail the rollback as long as it runs: a known gap in docs/reliability.md.
      if (rolledBack?.Status !== 'SUCCESS' && mayOutlive) await this.framework.waitersEnded();
      if (rolledBack?.Status !== 'SUCCESS' && (this.unblock() || mayOutlive)) {
        this.transcript.push('  continue the rollback, after its obstacle is removed');
        rolledBack = await attempt();
      }
      if (rolledBack?.Status !== 'SUCCESS') throw new InvariantViolation(`the rollback of ${id} failed: ${rolledBack?.Reason}`);
      current = rolledBack.PhysicalResourceId;
      version = this.version;
      attributes = rolledBack.Data;
    }
    if (mayOutlive) this.unsettled.add(id);
    // The Delete of a replacement restores no recording of a retained resource: a known gap in docs/reliability.md.
    const isTaken = stream !== undefined && kind.recordsInto!(old.properties) === stream;
    if (isTaken && old.properties.Retain && newId !== current && disturbance.rollback === 'delete') this.unsettled.add(id);
    // After a stale read of the secret, the Delete of a replacement doesn't know the former stream key: a known gap in docs/reliability.md.
    if (disturbance.staleSecrets && old.properties.SecretArn !== undefined && newId !== current && disturbance.rollback === 'delete') this.unsettled.add(id);
    this.deployed.set(id, { ...old, physicalId: current, version, attributes });
    // The former resource receives no request, so no handler can report that its tags are missing.
    if (disturbance.rollback === 'delete') this.unblock();
    if (newId !== current) await this.deleteResource('delete of a replacement', id, { ...attempted, physicalId: newId });
    if (old.physicalId !== current && old.physicalId !== newId) await this.deleteResource('delete of a replacement', id, old);
  }

  private async deleteOrRetain(form: string, id: string, old: Deployed): Promise<void> {
    if (!old.properties.Retain) return this.deleteResource(form, id, old);
    this.transcript.push(`  ${id} ${old.physicalId} is retained`);
    this.retained.push(old);
  }

  private async deleteResource(form: string, id: string, { kind, properties, physicalId }: Deployed): Promise<void> {
    this.deletedSince.set(physicalId, this.time.now());
    for (let attempt = 1; ; attempt += 1) {
      // Another version of the library may have created the resource, with properties that this version doesn't know.
      const response = await this.request(form, id, kind, { properties: { ...properties, FromAnotherVersion: true }, physicalId });
      if (response?.Status === 'SUCCESS') return;
      if (attempt === 3) throw new InvariantViolation(`the Delete of ${id} failed: ${response?.Reason}`);
      if (attempt === 2) this.endThrottling();
    }
  }

  private async request(
    form: string,
    logicalId: string,
    kind: Kind,
    what: { properties: object; oldProperties?: object; physicalId?: string },
    disturbance?: StackDisturbance,
    index = -1,
    canceled: Promise<undefined> = new Promise(() => {}),
  ): Promise<Response | undefined> {
    this.requests += 1;
    const type = form === 'create' ? 'Create' : form.startsWith('update') ? 'Update' : 'Delete';
    const requestId = `${this.id.split('/')[1]}-${this.requests}`;
    this.lastRequests.set(logicalId, requestId);
    const oldProperties = what.oldProperties && { FromAnotherVersion: true, ...what.oldProperties };
    const event = eventOf({ type, requestId, stackId: this.id, logicalId, kind, ...what, oldProperties });
    if (what.physicalId && RETURNED_BY_HANDLER.test(what.physicalId)) await this.deliveries.get(logicalId);
    const from = this.time.now();
    this.transcript.push(`  ${type} ${logicalId} ${what.physicalId ?? ''} ${JSON.stringify(what.properties)}`);
    const state = `${kind.name}: ${form}`;
    const responded = this.framework.expect(requestId, { state, mayTerminate: !form.startsWith('update back'), environments: () => this.framework.environments[this.version] });
    const first = this.framework.deliver(event);
    for (const { resource, after } of disturbance?.duplicates ?? []) {
      if (resource !== index) continue;
      this.coverage.record(state, 'its delivery', 'again');
      const second = this.time.sleep(after * 1000).then(() => this.framework.deliver({ ...event }));
      this.deliveries.set(logicalId, Promise.all([first, second]));
    }
    const timeout = this.time.sleep(serviceTimeoutOf(kind))
      .then(() => { throw new InvariantViolation(`${type} of ${logicalId} had no response within ${serviceTimeoutOf(kind) / 1000} s`); });
    const response = await Promise.race([responded, canceled, timeout]);
    this.coverage.record(state, 'its response', response?.Status ?? 'canceled');
    if (response) this.known.add(response.PhysicalResourceId);
    // The Delete of a replacement says nothing about the current resource.
    if (type !== 'Delete' && response?.Status === 'SUCCESS' && this.time.now() - from < WITHOUT_WAITING) this.completed.set(logicalId, this.time.now());
    const seconds = Math.round((this.time.now() - from) / 1000);
    const outcome = response ? `${response.Status} ${response.PhysicalResourceId} ${response.Status === 'FAILED' ? response.Reason.split('\n')[0] : ''}` : 'canceled';
    this.transcript.push(`    ${outcome} after ${seconds} s`);
    return response;
  }
}

/** The request that CloudFormation sends. */
export function eventOf({ type, requestId, stackId, logicalId, kind, properties, oldProperties, physicalId }: {
  readonly type: string;
  readonly requestId: string;
  readonly stackId: string;
  readonly logicalId: string;
  readonly kind: Kind;
  readonly properties: object;
  readonly oldProperties?: object;
  readonly physicalId?: string;
}): object {
  return {
    RequestType: type,
    RequestId: requestId,
    StackId: stackId,
    LogicalResourceId: logicalId,
    ResourceType: kind.type,
    ServiceToken: 'token',
    ResourceProperties: asStrings({ ...CLOUD_FORMATION_PROPERTIES, ...properties }),
    ...oldProperties ? { OldResourceProperties: asStrings({ ...CLOUD_FORMATION_PROPERTIES, ...oldProperties }) } : {},
    ...physicalId ? { PhysicalResourceId: physicalId } : {},
  };
}

/** Properties for CloudFormation itself, which it sends to the handlers together with those of the resource. */
const CLOUD_FORMATION_PROPERTIES = { ServiceToken: 'token', ServiceTimeout: TIMING.serviceTimeout };

function kindsOf(...templates: Template[]): Set<Kind> {
  return new Set(templates.flatMap((template) => [...template.values()].map(({ kind }) => kind)));
}

/** Pure: the ARN of the resource that a setting configures. */
function parentOf({ VoiceConnectorArn, ChannelArn, StreamArn }: Record<string, unknown>): unknown {
  return VoiceConnectorArn ?? ChannelArn ?? StreamArn;
}
