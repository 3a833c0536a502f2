import { type CloudFormationOptions, FakeCloudFormation } from './fake-cloudformation';
import { FakeS3, type S3Failure } from './fake-s3';
import type { Encoder } from '../../acceptance/encoder';
import type { Finding, LoggedCall, ProbeContext } from '../../acceptance/fact';
import { FACTS } from '../../acceptance/facts';
import { policiesOf } from '../../acceptance/policies';
import { type Buckets, Emulator, type Fault, requestHandler, type ServiceFactory } from '../../local/emulator';
import { Time } from '../simulation/time';

/** The state of the emulator, as far as an encoder depends on it. */
interface RealTimeState {
  readonly ingestConfigurations: readonly { readonly arn: string; readonly stageArn: string; readonly participantId: string }[];
  readonly stages: readonly { readonly arn: string; readonly endpoints: { readonly rtmps: string } }[];
}

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

const SERVICES: Record<string, string> = {
  ChimeSDKMeetingsClient: 'chime-sdk-meetings',
  ChimeSDKVoiceClient: 'chime-sdk-voice',
  IVSRealTimeClient: 'ivs-realtime',
  KinesisVideoClient: 'kinesisvideo',
};

/** The credentials of the person who runs the probe. */
const PERSON = 'person';

/** Of this test file. */
const time = new Time();
time.flow();

export interface ProbeSettings {
  /** Services with other options than the default ones. */
  readonly services?: readonly ServiceFactory[] | ((buckets: Buckets) => readonly ServiceFactory[]);
  readonly faults?: readonly Fault[];
  readonly cloudFormation?: CloudFormationOptions;
  readonly s3Failure?: S3Failure;
  /** How an encoder ends. `missing`: there is none. Default: after its time, without a failure. */
  readonly encoder?: 'missing' | 'fails' | 'never-connects';
}

/** The probe of one fact against the emulator, in virtual time. Roles have exactly the synthesized policies. */
export class ProbeRun {
  public readonly emulator: Emulator;
  public readonly s3: FakeS3;
  private readonly cloudFormation: FakeCloudFormation;
  private readonly deletions: { readonly description: string; readonly deletion: () => Promise<void> }[] = [];
  private asked = 0;

  public readonly context: ProbeContext;

  constructor(private readonly id: string, { services, faults = [], cloudFormation = {}, s3Failure, encoder }: ProbeSettings = {}) {
    this.context = {
      region: REGION,
      accountId: ACCOUNT,
      namePrefix: 'cdk-rtc-probe-1a2b',
      tags: { 'cdk-rtc-acceptance': '1a2b' },
      client: (constructor, role) => this.client(constructor, role?.policyOf ?? PERSON),
      encoder: encoder === 'missing' ? undefined : this.encoder(encoder),
      calls: () => this.calls(),
      onCleanup: (description, deletion) => this.deletions.push({ description, deletion }),
      wait: (seconds) => time.sleep(seconds * 1000),
    };
    time.startAgain();
    this.s3 = new FakeS3(s3Failure);
    this.emulator = new Emulator({
      clock: time,
      account: ACCOUNT,
      latency: 30,
      services: typeof services === 'function' ? services(this.s3) : services,
      principals: async (accessKeyId) => {
        const name = Buffer.from(accessKeyId, 'hex').toString();
        return name === PERSON ? 'unrestricted' : { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/probe/session`, policies: policiesOf(name, this.context) };
      },
    });
    faults.forEach((fault) => this.emulator.addFault(fault));
    this.cloudFormation = new FakeCloudFormation(this.emulator, REGION, cloudFormation);
  }

  public async find(): Promise<Finding> {
    const fact = FACTS.find(({ id }) => id === this.id);
    return time.run(fact!.probe!(this.context));
  }

  public async cleanUp(): Promise<void> {
    await time.run((async () => {
      for (const { deletion } of [...this.deletions].reverse()) await deletion();
    })());
  }

  public now(): number {
    return time.now();
  }

  public async wait(seconds: number): Promise<void> {
    await time.run(time.sleep(seconds * 1000));
  }

  /** The names and IDs of all resources in the emulator. Phone numbers in the deletion queue don't count: AWS deletes them after a week. */
  public leftovers(): string[] {
    type Item = Record<string, unknown>;
    const regions = Object.values(this.emulator.state()).flat() as Record<string, Item[] | string>[];
    const items = regions.flatMap((region) => Object.values(region).filter(Array.isArray).flat() as Item[]);
    const isLeft = ({ status, numbers }: Item) => status !== 'DeleteInProgress' && numbers === undefined;
    return [...items.filter(isLeft).map(({ name, arn, id }) => String(name ?? arn ?? id)), ...this.cloudFormation.names, ...this.s3.names];
  }

  private client<T>(constructor: new (configuration: never) => T, name: string): T {
    if (constructor.name === 'CloudFormationClient') return this.cloudFormation as never;
    if (constructor.name === 'S3Client') return this.s3 as never;
    return new constructor({
      region: REGION,
      credentials: { accessKeyId: Buffer.from(name).toString('hex'), secretAccessKey: 'secret' },
      requestHandler: requestHandler(this.emulator, SERVICES[constructor.name]),
    } as never);
  }

  /** Publishes with the credentials of an ingest configuration, as FFmpeg does. */
  private encoder(outcome: ProbeSettings['encoder']): Encoder {
    return ({ rtmpsEndpoint, streamKey }, seconds) => {
      const state = () => (this.emulator.stateOf('ivs-realtime') as RealTimeState[])[0];
      // The key of the emulator contains the ID of the participant, as that of the service does not.
      const { arn = '', stageArn } = state().ingestConfigurations.find(({ participantId }) => streamKey.includes(`_${participantId}_`)) ?? {};
      const isKnown = rtmpsEndpoint === state().stages.find((stage) => stage.arn === stageArn)?.endpoints.rtmps;
      if (outcome === 'fails' || !isKnown) {
        return { ended: Promise.resolve(new Error('FFmpeg ended with 1: Server error')), stop: () => undefined };
      }
      const edit = (change: 'ACTIVE' | 'INACTIVE') => this.emulator.edit({ service: 'ivs-realtime', resource: arn, state: change });
      if (outcome !== 'never-connects') edit('ACTIVE');
      let stop = () => {};
      const ended = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1000);
        stop = () => {
          clearTimeout(timer);
          resolve();
        };
      }).then(() => {
        if (state().ingestConfigurations.some((one) => one.arn === arn)) edit('INACTIVE');
        return undefined;
      });
      return { ended, stop };
    };
  }

  private calls(): LoggedCall[] {
    const calls = this.emulator.calls.slice(this.asked);
    this.asked = this.emulator.calls.length;
    const faked = { cloudformation: this.cloudFormation.operations.splice(0), s3: this.s3.operations.splice(0) };
    const succeeded = { status: 200, milliseconds: 30 };
    return [
      ...Object.entries(faked).flatMap(([service, operations]) => operations.map((operation) => ({ service, operation, ...succeeded }))),
      ...calls.map(({ id, service, operation, outcome, status }) => ({
        service, operation, requestId: `emulator-${id}`, status: status ?? outcome, milliseconds: 30,
      })),
    ];
  }
}
