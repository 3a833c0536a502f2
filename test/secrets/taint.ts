import { inspect } from 'node:util';
import { places, type Written } from './written';
import {
  chime, chimeSdkMeetings, chimeSdkVoice, dynamoDb, Emulator, type Fault, ivsRealtime, joinTokens, realClock, secretsManager, secretValues,
  streamKeys,
} from '../../local/emulator';
import { POOL_ENVIRONMENT } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { eventOf } from '../simulation/cloudformation';
import { Coverage } from '../simulation/coverage';
import { Framework } from '../simulation/framework';
import { ExecutionEnvironments, playWith } from '../simulation/functions';
import { compileHandlers, freshHandlers, type Handlers, printed, type Transport } from '../simulation/handlers';
import type { Desired } from '../simulation/history';
import { KINDS } from '../simulation/kinds';
import { MANY } from '../simulation/kinds/chime-meeting-pool';
import { ACCOUNT, type Kind, REGION } from '../simulation/kinds/kind';
import { existingMeetings } from '../simulation/pool-state';
import { Time } from '../simulation/time';

/* eslint-disable @typescript-eslint/no-explicit-any */

const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Tainted/1`;

/** What goes wrong with one call: the service repeats in its error what it was sent, or its answer cannot be read. All other faults the simulation plays, and looks, too. */
const TROUBLES = ['refused with the input', 'throttled with the input', 'failed with the input', 'unreadable answer'] as const;

type Trouble = 'none' | typeof TROUBLES[number];

/** The calls with a secret in the request or the response, and a few other calls. */
const INGEST_CALLS = [
  'CreateIngestConfiguration', 'GetIngestConfiguration', 'UpdateIngestConfiguration', 'DeleteIngestConfiguration', 'PutSecretValue', 'GetSecretValue', 'GetStage',
];
const SIP_CALLS = [
  'GetSecretValue', 'PutVoiceConnectorTermination', 'PutVoiceConnectorTerminationCredentials', 'ListVoiceConnectorTerminationCredentials',
  'DeleteVoiceConnectorTerminationCredentials',
];
const MEETING_CALLS = ['CreateMeeting', 'CreateMeetingWithAttendees', 'BatchCreateAttendee', 'CreateAttendee', 'ListAttendees', 'GetAttendee', 'DeleteMeeting'];
const TABLE_CALLS = ['TransactWriteItems', 'PutItem', 'UpdateItem', 'DeleteItem', 'GetItem', 'Query'];

export interface Outcome {
  /** One line for each life and place where secrets are, and must not be. */
  readonly leaks: string[];
  /** How many texts were written, by place. */
  readonly written: Record<string, number>;
  /** How many secrets were found where they belong, by place. */
  readonly found: Record<string, number>;
}

/** One resource, its functions, and everything that they write. */
class Stage {
  readonly written: Written = places();
  private readonly emulator = new Emulator({
    clock: realClock,
    account: ACCOUNT,
    latency: 30,
    // What lists leave out is looked up one by one.
    services: [
      ivsRealtime(), secretsManager(), chimeSdkVoice({ propagation: 0, quotas: { callsPerSecond: 10 } }),
      chimeSdkMeetings({ joinTokensInLists: false }), chime(), dynamoDb(),
    ],
  });
  private readonly environments = new ExecutionEnvironments((transport) => this.observed(this.functions({}, transport)));
  private ofPool?: ExecutionEnvironments;
  private physicalId = '';
  private before: any;
  private requests = 0;

  constructor(
    private readonly kind: Kind,
    private readonly time: Time,
    private readonly framework: Framework,
    private readonly called: string,
    private readonly trouble: Trouble,
  ) {
    playWith(this.emulator, new Coverage());
    framework.forget();
    printed.length = 0;
    this.makeTrouble();
  }

  /** As often as the call is made, but for one in three: so that what comes after is reached too. */
  private makeTrouble(): void {
    const { emulator, called, trouble } = this;
    if (trouble === 'none') return;
    let seen = 0;
    let isUnreadable = false;
    emulator.onCall(({ phase, call, input }) => {
      if (phase !== 'before' || call.operation !== called) return;
      seen += 1;
      if (seen % 3 === 0) return;
      const repeated = `1 validation error detected: Value at '${JSON.stringify(input)}' failed to satisfy constraint`;
      const refusal = (error: string, status: number): Fault => ({ kind: 'error', error, status, message: repeated, operation: called, times: 1 });
      switch (trouble) {
        case 'refused with the input': emulator.addFault(refusal('ValidationException', 400)); return;
        case 'throttled with the input': emulator.addFault(refusal('ThrottlingException', 429)); return;
        case 'failed with the input': emulator.addFault(refusal('InternalServerException', 500)); return;
        case 'unreadable answer': isUnreadable = true;
      }
    });
    const handle = emulator.handle.bind(emulator);
    emulator.handle = async (request) => {
      const answer = await handle(request);
      if (!isUnreadable) return answer;
      isUnreadable = false;
      // Where a secret ends: the error of JSON.parse shows what is around.
      const secret = this.secrets().find((one) => String(answer.body).includes(one));
      return { ...answer, body: secret ? String(answer.body).replace(secret, `${secret}"?`) : '<html>' };
    };
  }

  secrets(): string[] {
    return [...streamKeys(this.emulator), ...joinTokens(this.emulator), ...this.sipPasswords()];
  }

  private sipPasswords(): string[] {
    return secretValues(this.emulator).flatMap((value) => /"password":"([^"]+)"/.exec(value)?.[1] ?? []);
  }

  async deploy(type: 'Create' | 'Update' | 'Delete', desired: Desired): Promise<void> {
    this.requests += 1;
    const requestId = `Tainted-${this.requests}`;
    const properties = type === 'Delete' ? this.before : this.kind.properties(this.emulator, 'Tainted-R', STACK_ID, desired);
    const answered = this.framework.expect(requestId, { state: 'taint', mayTerminate: false, environments: () => this.environments });
    const what = { properties, oldProperties: type === 'Update' ? this.before : undefined, physicalId: this.physicalId || undefined };
    void this.framework.deliver(eventOf({ type, requestId, stackId: STACK_ID, logicalId: 'R', kind: this.kind, ...what }));
    const answer = await answered;
    this.physicalId = answer.PhysicalResourceId;
    if (answer.Status === 'SUCCESS' || !this.before) this.before = properties;
  }

  /** A run of the monitor after an out-of-band change. */
  async monitor(): Promise<void> {
    const input = {
      StackId: STACK_ID,
      Resources: [{ LogicalResourceId: 'R', PhysicalResourceId: this.physicalId, ResourceType: this.kind.type, ResourceProperties: this.before }],
    };
    const context = { awsRequestId: `drift-${this.requests += 1}`, functionName: 'monitor' };
    await this.keep('drift monitor', this.environments, (handlers) => (handlers as any).driftMonitor(input, context));
  }

  async checkOut(clientRequestToken: string, externalUserIds: string[]): Promise<void> {
    const context = { awsRequestId: `checkout-${this.requests += 1}` };
    const answer = await this.call(this.poolFunctions(), (handlers) => handlers.checkout({ clientRequestToken, externalUserIds }, context));
    const isGiven = (answer as any)?.Meeting !== undefined;
    this.written[isGiven ? 'answers of checkout' : 'refusals of checkout'].push(text(answer));
  }

  async maintain(): Promise<void> {
    await this.keep('maintainer', this.poolFunctions(), (handlers) => handlers.maintain({}, { awsRequestId: `run-${this.requests += 1}` }));
  }

  edit(change: object): void {
    this.emulator.edit(change as never);
  }

  get voiceConnectorArn(): string {
    return this.before.VoiceConnectorArn;
  }

  get secretArn(): string {
    return this.before.SecretArn;
  }

  /** After a while everything that is to be written is. */
  async end(): Promise<void> {
    await this.framework.waitersEnded();
    const { written, emulator } = this;
    written['framework, state machine, answers to CloudFormation'].push(...this.framework.written);
    written['logs and metrics of functions'].push(...printed);
    // The text of a fault comes from the test, not from the emulator.
    written['call log and state of the local cloud'].push(text(emulator.calls.map(({ message, ...call }) => (call.faults.length > 0 ? call : { ...call, message }))), text(emulator.state()));
    written.secret.push(...secretValues(emulator));
  }

  /** Whole items: the state shows no tokens. */
  private items(): string[] {
    const TableName = this.before?.TableName;
    if (!TableName) return [];
    const now = realClock.now();
    const { Items } = this.emulator.service('dynamodb').operations.Scan.run({ TableName }, { account: ACCOUNT, region: REGION, now, readAt: now }) as any;
    return Items.map(text);
  }

  get meetings() {
    return existingMeetings(this.emulator);
  }

  private poolFunctions(): ExecutionEnvironments {
    const environment = {
      [POOL_ENVIRONMENT.poolName]: this.physicalId,
      [POOL_ENVIRONMENT.tableName]: this.before.TableName,
      [POOL_ENVIRONMENT.maintainerFunctionName]: 'maintainer',
    };
    return this.ofPool ??= new ExecutionEnvironments((transport) => this.functions(environment, transport));
  }

  /** As talkative as they can be. */
  private functions(environment: Record<string, string>, transport: Transport): Handlers {
    const talkative = { POWERTOOLS_LOG_LEVEL: 'DEBUG', AWS_LAMBDA_LOG_LEVEL: 'DEBUG', POWERTOOLS_LOGGER_LOG_EVENT: 'true' };
    const fetch = async (url: URL, init?: { body?: string }) => {
      this.written['events and other requests'].push(`${url} ${init?.body}`);
      const answer = url.hostname.startsWith('cloudformation') ? '<StackStatus>UPDATE_COMPLETE</StackStatus>' : '{"FailedEntryCount":0}';
      return { ok: true, text: async () => answer };
    };
    return freshHandlers(transport, { variables: { ...talkative, ...environment }, fetch: fetch as never });
  }

  private observed(handlers: Handlers): Handlers {
    const keep = async (work: Promise<unknown>) => {
      try {
        const answer = await work;
        this.written['answers of handlers'].push(text(answer));
        return answer;
      } catch (error) {
        this.written['errors thrown'].push(text(error));
        throw error;
      }
    };
    return { ...handlers, onEvent: (event) => keep(handlers.onEvent(event)), isComplete: (event) => keep(handlers.isComplete(event)) };
  }

  /** What a pool's table holds at this moment. */
  look(): void {
    this.written.table.push(...this.items());
  }

  private async keep(place: 'drift monitor' | 'maintainer', ...called: Parameters<Stage['call']>): Promise<void> {
    this.written[place].push(text(await this.call(...called)));
  }

  private async call(environments: ExecutionEnvironments, work: (handlers: Handlers) => Promise<unknown>): Promise<unknown> {
    const late = this.time.sleep(120_000).then(() => 'too late');
    return Promise.race([environments.invoke({ stackId: STACK_ID, state: 'taint', mayTerminate: false }, work), late]).catch((error) => {
      this.written['errors thrown'].push(text(error));
      return undefined;
    });
  }
}

/** An error as the Lambda runtime logs it, and as a caller would print it. */
function text(value: unknown): string {
  return value instanceof Error ? `${value.stack} ${JSON.stringify({ ...value, message: value.message })}` : JSON.stringify(value) ?? inspect(value);
}

async function liveIngest(stage: Stage): Promise<void> {
  await stage.deploy('Create', { redundantIngest: true, stage: '1', tags: { team: 'a' } });
  await stage.monitor();
  await stage.deploy('Update', { redundantIngest: true, stage: '2' });
  if (stage.secretArn) stage.edit({ service: 'secrets-manager', resource: stage.secretArn, secretString: JSON.stringify({ streamKey: stage.secrets().at(-1) }) });
  await stage.monitor();
  await stage.deploy('Update', { redundantIngest: false, userId: 'u' });
  await stage.deploy('Delete', {});
  await stage.deploy('Delete', {});
}

async function liveTermination(stage: Stage): Promise<void> {
  const desired = { connector: '1', enabled: true, regions: ['US'] };
  await stage.deploy('Create', { ...desired, users: ['alice', 'bob'] });
  await stage.monitor();
  await stage.deploy('Update', { ...desired, users: ['bob'], version: '2' });
  stage.edit({ service: 'chime-sdk-voice', resource: stage.voiceConnectorArn, users: { 'Tainted-R-1-bob': null } });
  await stage.monitor();
  await stage.deploy('Update', { ...desired, users: ['bob', 'alice'], version: '2', calls: 2 });
  await stage.deploy('Delete', {});
  await stage.deploy('Delete', {});
}

const livePool = (attendees: string[], namespace: string) => async (stage: Stage): Promise<void> => {
  const desired = { size: 2, attendees, namespace, endLeased: true };
  await stage.deploy('Create', desired);
  stage.look();
  await stage.monitor();
  await stage.checkOut('kitchen', ['alice', 'bob']);
  await stage.checkOut('kitchen', ['alice', 'carol']);
  await stage.maintain();
  await Promise.all([1, 2, 3, 4].map((n) => stage.checkOut(`room-${n}`, ['dave'])));
  await stage.deploy('Update', { ...desired, size: 3, mediaRegion: 'eu-central-1' });
  for (const { id, service } of stage.meetings.slice(0, 1)) stage.edit({ service, resource: id, end: true });
  await stage.maintain();
  stage.look();
  await stage.checkOut('kitchen', ['alice']);
  await stage.monitor();
  await stage.deploy('Delete', {});
  await stage.deploy('Delete', {});
};

interface Life {
  readonly name: string;
  readonly kind: string;
  readonly calls: string[];
  readonly live: (stage: Stage) => Promise<void>;
  /** Whether its table holds join tokens. */
  readonly isOwn?: boolean;
}

const LIVES: Life[] = [
  { name: 'ingest configuration', kind: 'ingestConfiguration', calls: INGEST_CALLS, live: liveIngest },
  { name: 'termination', kind: 'voiceConnectorTermination', calls: SIP_CALLS, live: liveTermination },
  { name: 'pool', kind: 'chimeMeetingPool', calls: [...MEETING_CALLS, ...TABLE_CALLS], live: livePool([], 'CHIME_SDK') },
  { name: 'pool with attendees of its own', kind: 'chimeMeetingPool', calls: [...MEETING_CALLS, ...TABLE_CALLS], live: livePool(MANY, 'CHIME_SDK'), isOwn: true },
  { name: 'legacy pool', kind: 'chimeMeetingPool', calls: MEETING_CALLS, live: livePool([], 'CHIME') },
];

/** Where secrets belong. Those of its own attendees a pool keeps in its table until the meeting is leased, which other tests look at. */
const belongs = (place: string, isOwn = false) => place === 'secret' || place === 'answers of checkout' || (isOwn && place === 'table');

/** What is printed from now on. */
function capture(): string[] {
  const lines: string[] = [];
  const print = (...values: unknown[]) => { lines.push(values.map((value) => typeof value === 'string' ? value : inspect(value, { depth: 20 })).join(' ')); };
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) console[name] = print;
  return lines;
}

/** Plays every life with every trouble; where `only` is given, the lives of these names without any. With changes, those of a defective product. */
async function main([changes = '[]', ...only]: string[]): Promise<void> {
  await compileHandlers(JSON.parse(changes));
  const time = new Time();
  const framework = new Framework(time);
  const lines = capture();
  const outcome: Outcome = { leaks: [], written: {}, found: {} };
  for (const { name, kind, calls, live, isOwn } of LIVES.filter((life) => only.length === 0 || only.includes(life.name))) {
    const troubles = only.length > 0 ? [] : calls.flatMap((call) => TROUBLES.map((trouble): [string, Trouble] => [call, trouble]));
    for (const [call, trouble] of [['', 'none'] as const, ...troubles]) {
      lines.length = 0;
      const stage = new Stage(KINDS[kind], time, framework, call, trouble);
      await time.run(live(stage).then(() => stage.end()));
      stage.written['logs of the framework, and what is printed'].push(...lines);
      judge(stage, `${name}, ${call} ${trouble}`, isOwn, outcome);
    }
  }
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

/** By the ends of secrets, because the beginning of a stream key is not secret. */
function judge(stage: Stage, life: string, isOwn: boolean | undefined, { leaks, written, found: inPlace }: Outcome): void {
  for (const [place, texts] of Object.entries(stage.written)) {
    const everything = texts.join('\n');
    const found = stage.secrets().map((secret) => secret.slice(-8)).filter((end) => everything.includes(end));
    written[place] = (written[place] ?? 0) + texts.length;
    if (belongs(place, isOwn)) inPlace[place] = (inPlace[place] ?? 0) + found.length;
    else if (found.length > 0) leaks.push(`${life}: ${found.length} in ${place}: ${around(everything, found[0])}`);
  }
}

function around(everything: string, secret: string): string {
  const at = everything.indexOf(secret);
  return everything.slice(Math.max(0, at - 120), at + secret.length + 10);
}

void main(process.argv.slice(2)).then(() => process.exit());
