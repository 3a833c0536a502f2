import type { Coverage } from './coverage';
import type { Answer, Framework } from './framework';
import { Containers } from './functions';
import { olderHandlers } from './handlers';
import type { Kind, Wish } from './kinds';
import type { Time } from './time';
import { TIMING } from '../../src/private/contract';
import { asStrings } from '../cloudformation';

/** A resource of a template. */
export interface Declaration {
  readonly kind: Kind;
  readonly wish: Wish;
  readonly properties: Record<string, unknown>;
}

export type Template = ReadonlyMap<string, Declaration>;

interface Deployed extends Declaration {
  readonly physicalId: string;
}

/** What goes wrong in one operation of a stack. */
export interface Trouble {
  /** Another resource of the stack fails so many seconds after the operation began; what still runs then is given up. */
  readonly failsAfter?: number;
  /** Another resource fails when all of these are done. */
  readonly failsLast?: boolean;
  /** How a replacement that is rolled back comes: as an Update with either id, or as only a Delete of the new id. */
  readonly rollback: 'new' | 'old' | 'delete';
  /** Of the request to the n-th resource: it is delivered again so many seconds later. */
  readonly duplicates: readonly { readonly resource: number; readonly after: number }[];
  /** The handlers of an earlier version of the library are still deployed. */
  readonly older?: boolean;
  /** Reads of secrets are late. */
  readonly lateSecrets?: boolean;
}

export class Broken extends Error {}

/** Milliseconds after which CloudFormation stops waiting for an answer. */
const SERVICE_TIMEOUT = TIMING.serviceTimeout * 1000;
const AT_ONCE = 10_000;

/** An id that a handler gave to something: an ARN, or a pool's name. */
const ANSWERED = /^(arn:|Played-|Other-)/;

/** A stack, as CloudFormation works on it: updates before clean-up, the policies of both while it lasts, and a rollback in each of its forms. */
export class Stack {
  readonly deployed = new Map<string, Deployed>();
  /** Of which resources an earlier update, given up while it waited, may still put its values back: a limit that the README names. */
  readonly unsettled = new Set<string>();
  /** When a request of the last operation was reported a success, by logical id; of those that had not to wait, so that all was seen just then. */
  readonly completed = new Map<string, number>();
  /** What CloudFormation has let go without a Delete, because its policy says so. */
  readonly retained: Deployed[] = [];
  /** Every id that CloudFormation has ever been told. */
  readonly known = new Set<string>();
  /** The kinds whose policies stand at this moment. */
  kinds = new Set<Kind>();
  readonly story: string[] = [];
  /** Since when what is deleted has been on its way out, by physical id: what depends on it has gone before. */
  readonly leaving = new Map<string, number>();
  private requests = 0;
  /** Of each resource, by logical id. */
  private readonly lastRequests = new Map<string, string>();
  /** The deliveries of what is delivered again, by resource: either may be the last. Of one that outlives its operation nobody could take back what it makes: a limit that docs/reliability.md names. */
  private readonly duplicates = new Map<string, Promise<unknown>>();

  /** `mend`: somebody removes what a rollback has failed by, if there is something. `calm`: a burst of too many calls is over. */
  constructor(
    readonly id: string,
    private readonly framework: Framework,
    private readonly time: Time,
    private readonly coverage: Coverage,
    private readonly mend: () => boolean,
    private readonly calm: () => unknown,
  ) {}

  /** @returns whether it ended in the state of the template; otherwise it is rolled back */
  async deploy(template: Template, trouble: Trouble): Promise<boolean> {
    const before = new Map(this.deployed);
    this.completed.clear();
    this.kinds = kindsOf(before, template);
    const isChanged = (id: string, { properties }: Declaration) => JSON.stringify(before.get(id)?.properties) !== JSON.stringify(properties);
    const changes = [...template].filter(([id, declaration]) => isChanged(id, declaration));
    const { failsAfter } = trouble;
    const givenUp = failsAfter === undefined ? new Promise<never>(() => {}) : this.time.sleep(failsAfter * 1000).then(() => undefined);
    const outcomes = await Promise.all(changes.map(async ([id, { kind, properties }], index) => {
      const old = before.get(id);
      const answer = old
        ? await this.request('update', id, kind, { properties, oldProperties: old.properties, physicalId: old.physicalId }, trouble, index, givenUp)
        : await this.request('create', id, kind, { properties }, trouble, index, givenUp);
      return { id, old, answer };
    }));
    const failed = trouble.failsLast || trouble.failsAfter !== undefined || outcomes.some(({ answer }) => answer?.Status !== 'SUCCESS');
    if (failed) {
      this.story.push('  rollback');
      for (const { id, old, answer } of outcomes) await this.takeBack(id, template.get(id)!, old, answer, trouble);
      this.kinds = kindsOf(this.deployed);
      return false;
    }
    for (const { id, answer } of outcomes) {
      this.deployed.set(id, { ...template.get(id)!, physicalId: answer!.PhysicalResourceId });
      this.unsettled.delete(id);
    }
    // What is wished around a resource may change without it.
    for (const [id, { physicalId }] of this.deployed) if (template.has(id)) this.deployed.set(id, { ...template.get(id)!, physicalId });
    for (const { id, old, answer } of outcomes) if (old && old.physicalId !== answer!.PhysicalResourceId) await this.letGo('clean-up of a replaced one', id, old);
    for (const [id, old] of before) {
      if (template.has(id)) continue;
      await this.letGo('clean-up of a removed one', id, old);
      this.deployed.delete(id);
    }
    this.kinds = kindsOf(this.deployed);
    return true;
  }

  async delete(): Promise<void> {
    await Promise.all([...this.deployed].map(([id, old]) => this.letGo('delete', id, old)));
    this.deployed.clear();
    this.kinds = new Set();
  }

  /** Until every delivery has ended. */
  async delivered(): Promise<void> {
    await Promise.all(this.duplicates.values());
  }

  private async takeBack(id: string, attempted: Declaration, old: Deployed | undefined, answer: Answer | undefined, trouble: Trouble): Promise<void> {
    const { kind } = attempted;
    if (!old) {
      // An id that CloudFormation invents, where it never had an answer.
      const form = answer ? 'delete of a failed create' : 'delete with an invented id';
      const created = this.lastRequests.get(id)!;
      await this.remove(form, id, { ...attempted, physicalId: answer?.PhysicalResourceId ?? `Stack-${id}-1A2B3C4D5E6F` });
      if (!answer && !REFUSES_LATE_DELIVERIES.has(kind.name)) this.framework.end(created);
      return;
    }
    const newId = answer?.PhysicalResourceId ?? old.physicalId;
    // The waiter of an update that was given up while it waited, or of its second delivery.
    const mayOutlive = !answer || trouble.duplicates.length > 0;
    let current = old.physicalId;
    if (trouble.rollback !== 'delete' || newId === old.physicalId) {
      const form = newId === old.physicalId ? 'update back in place' : `update back with the ${trouble.rollback} id`;
      const rollBack = () => this.request(form, id, kind, {
        properties: old.properties, oldProperties: attempted.properties, physicalId: trouble.rollback === 'old' ? old.physicalId : newId,
      });
      let back = await rollBack();
      // It may be in the way as long as it lives: a limit that docs/reliability.md names.
      if (back?.Status !== 'SUCCESS' && mayOutlive) await this.framework.quiet();
      if (back?.Status !== 'SUCCESS' && (this.mend() || mayOutlive)) {
        this.story.push('  continue the rollback, after what was in its way is gone');
        back = await rollBack();
      }
      if (back?.Status !== 'SUCCESS') throw new Broken(`the rollback of ${id} failed: ${back?.Reason}`);
      current = back.PhysicalResourceId;
    }
    if (mayOutlive) this.unsettled.add(id);
    // What is to stay is given back nothing by the Delete of its replacement: a limit that docs/reliability.md names.
    const [former, taken] = [old, attempted].map(({ properties }) => properties.MediaStorageStreamArn);
    const isTaken = former !== undefined && former === taken;
    if (isTaken && old.properties.Retain && newId !== current && trouble.rollback === 'delete') this.unsettled.add(id);
    // What the secret held before may be read late by the Delete of the replacement, which then does not know the former: a limit that docs/reliability.md names.
    if (trouble.lateSecrets && old.properties.SecretArn !== undefined && newId !== current && trouble.rollback === 'delete') this.unsettled.add(id);
    this.deployed.set(id, { ...old, physicalId: current });
    // The former resource is told nothing, so it cannot say that its tags are gone.
    if (trouble.rollback === 'delete') this.mend();
    if (newId !== current) await this.remove('delete of a replacement', id, { ...attempted, physicalId: newId });
    if (old.physicalId !== current && old.physicalId !== newId) await this.remove('delete of a replacement', id, old);
  }

  private async letGo(form: string, id: string, old: Deployed): Promise<void> {
    if (!old.properties.Retain) return this.remove(form, id, old);
    this.story.push(`  ${id} ${old.physicalId} is retained`);
    this.retained.push(old);
  }

  private async remove(form: string, id: string, { kind, properties, physicalId }: Deployed): Promise<void> {
    this.leaving.set(physicalId, this.time.now());
    for (let attempt = 1; ; attempt += 1) {
      // Another version of the library may have made it, with properties that this one does not know.
      const answer = await this.request(form, id, kind, { properties: { ...properties, FromAnotherVersion: true }, physicalId });
      if (answer?.Status === 'SUCCESS') return;
      if (attempt === 3) throw new Broken(`the Delete of ${id} failed: ${answer?.Reason}`);
      // A burst that is longer than two of them.
      if (attempt === 2) this.calm();
    }
  }

  private async request(
    form: string,
    logicalId: string,
    kind: Kind,
    what: { properties: object; oldProperties?: object; physicalId?: string },
    trouble?: Trouble,
    index = -1,
    givenUp: Promise<undefined> = new Promise(() => {}),
  ): Promise<Answer | undefined> {
    this.requests += 1;
    const type = form === 'create' ? 'Create' : form.startsWith('update') ? 'Update' : 'Delete';
    const requestId = `${this.id.split('/')[1]}-${this.requests}`;
    this.lastRequests.set(logicalId, requestId);
    const oldProperties = what.oldProperties && { FromAnotherVersion: true, ...what.oldProperties };
    const event = eventOf({ type, requestId, stackId: this.id, logicalId, kind, ...what, oldProperties });
    if (what.physicalId && ANSWERED.test(what.physicalId)) await this.duplicates.get(logicalId);
    const from = this.time.now();
    this.story.push(`  ${type} ${logicalId} ${what.physicalId ?? ''} ${JSON.stringify(what.properties)}`);
    const state = `${kind.name}: ${form}`;
    const containers = trouble?.older ? new Containers(olderHandlers) : this.framework.containers;
    const answered = this.framework.expect(requestId, { state, mortal: !form.startsWith('update back'), containers });
    const first = this.framework.deliver(event);
    for (const { resource, after } of trouble?.duplicates ?? []) {
      if (resource !== index) continue;
      this.coverage.struck(state, 'its delivery', 'again');
      const second = this.time.sleep(after * 1000).then(() => this.framework.deliver({ ...event }));
      this.duplicates.set(logicalId, Promise.all([first, second]));
    }
    const late = this.time.sleep(SERVICE_TIMEOUT).then(() => { throw new Broken(`${type} of ${logicalId} was not answered within ${TIMING.serviceTimeout} s`); });
    const answer = await Promise.race([answered, givenUp, late]);
    this.coverage.struck(state, 'its answer', answer?.Status ?? 'given up');
    if (answer) this.known.add(answer.PhysicalResourceId);
    // The Delete of a replacement says nothing about the current resource.
    if (type !== 'Delete' && answer?.Status === 'SUCCESS' && this.time.now() - from < AT_ONCE) this.completed.set(logicalId, this.time.now());
    const seconds = Math.round((this.time.now() - from) / 1000);
    this.story.push(`    ${answer ? `${answer.Status} ${answer.PhysicalResourceId} ${answer.Status === 'FAILED' ? answer.Reason.split('\n')[0] : ''}` : 'given up'} after ${seconds} s`);
    return answer;
  }
}

/** What CloudFormation sends. */
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

/** Kinds whose secret or table tells a late delivery of a create that its resource is gone. Of the other kinds it is a limit that docs/reliability.md names. */
const REFUSES_LATE_DELIVERIES: ReadonlySet<string> = new Set(['ingestConfiguration', 'chimeMeetingPool']);

/** For CloudFormation itself, which hands them to the handlers among the properties of the resource. */
const CLOUD_FORMATION_PROPERTIES = { ServiceToken: 'token', ServiceTimeout: TIMING.serviceTimeout };

function kindsOf(...templates: Template[]): Set<Kind> {
  return new Set(templates.flatMap((template) => [...template.values()].map(({ kind }) => kind)));
}
