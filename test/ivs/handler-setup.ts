import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ivsRealtimeClient } from '../../lambda/ivs/client';
import { ingestConfigurationHandler } from '../../lambda/ivs/ingest-configuration';
import { realTimeStageEndpointsHandler } from '../../lambda/ivs/real-time-stage-endpoints';
import { secretsManagerClient } from '../../lambda/secrets-manager/client';
import { ivsRealtime, type IvsRealtimeOptions, requestHandler, secretsManager, type ServiceFactory } from '../../local/emulator';
import { INGEST_CONFIGURATION_RESOURCE_TYPE, REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE } from '../../src/ivs/private/resource-types';
import { ACCOUNT, HandlerSetup, REGION, STACK_ID } from '../handler-setup';
import { synthesisedPolicies } from '../synthesised-policies';

export interface ConfigurationState {
  readonly arn: string;
  readonly name: string;
  readonly participantId: string;
  readonly ingestProtocol: string;
  readonly insecureIngest: boolean;
  readonly stageArn: string;
  readonly state: string;
  readonly userId: string;
  readonly attributes: Record<string, string>;
  readonly redundantIngest: boolean;
  readonly tags: Record<string, string>;
}

export interface SecretContent {
  readonly ingestConfigurationArn: string;
  readonly participantId: string;
  readonly streamKey: string;
  readonly rtmpsEndpoint?: string;
  readonly rtmpEndpoint?: string;
  readonly redundantIngestCredentials?: { readonly participantId: string; readonly streamKey: string }[];
}

/** Stages, for the handler of one resource type. */
abstract class IvsSetup extends HandlerSetup {
  constructor(resourceType: string, policies: ReturnType<typeof synthesisedPolicies>, services: ServiceFactory[]) {
    super({ resourceType, services, policies: (id) => policies({ stackId: id, account: ACCOUNT }) });
  }

  /** A stage as CloudFormation creates it; returns its ARN. */
  stage(region = REGION): string {
    return this.emulator.applyResource({ action: 'create', type: 'AWS::IVS::Stage', account: ACCOUNT, region }).physicalId;
  }

  edit(resource: string, change: Record<string, unknown>): void {
    this.emulator.edit({ service: 'ivs-realtime', resource, ...change });
  }
}

const ingestPolicies = synthesisedPolicies('ingestConfiguration');

export class IngestSetup extends IvsSetup {
  private killing?: { readonly after: string; isDead: boolean };

  constructor(options: IvsRealtimeOptions = {}) {
    super(INGEST_CONFIGURATION_RESOURCE_TYPE, ingestPolicies, [ivsRealtime(options), secretsManager()]);
  }

  resource(logicalId = 'Ingest', stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  /** Creates the secret of the construct: empty, with the stack's owner tag. Returns its ARN. */
  secret(name = 'stream-key', stack = STACK_ID, KmsKeyId?: string): string {
    return this.emulator.applyResource({
      action: 'create',
      type: 'AWS::SecretsManager::Secret',
      account: ACCOUNT,
      region: REGION,
      properties: { Name: name, KmsKeyId, Tags: [{ Key: 'cdk-rtc:stack', Value: stack }] },
    }).physicalId;
  }

  /** The current value of a secret, as an application of the stack reads it. */
  async content(secretArn: string): Promise<SecretContent> {
    return JSON.parse((await this.secretsManager.send(new GetSecretValueCommand({ SecretId: secretArn }))).SecretString!);
  }

  /** Stores the current value again, out of band, so that the previous version has the same value. */
  async storeAgain(secretArn: string): Promise<void> {
    await this.secretsManager.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: JSON.stringify(await this.content(secretArn)) }));
  }

  private get secretsManager(): SecretsManagerClient {
    return new SecretsManagerClient({
      region: REGION,
      requestHandler: requestHandler(this.emulator, 'secrets-manager'),
      credentials: { accessKeyId: Buffer.from(STACK_ID).toString('hex'), secretAccessKey: 'secret' },
    });
  }

  /** The server URLs of a stage, as the service has them. */
  endpoints(stageArn: string): { readonly rtmps: string; readonly rtmp: string } {
    const stages = (this.emulator.state()['ivs-realtime'] as { stages: { arn: string; endpoints: { rtmps: string; rtmp: string } }[] }[]).flatMap((region) => region.stages);
    return stages.find(({ arn }) => arn === stageArn)!.endpoints;
  }

  /** Replaces the value of a secret out of band. */
  store(secretArn: string, value: object): void {
    this.emulator.edit({ service: 'secrets-manager', resource: secretArn, secretString: JSON.stringify(value) } as never);
  }

  configurations(): ConfigurationState[] {
    return (this.emulator.state()['ivs-realtime'] as { ingestConfigurations: ConfigurationState[] }[]).flatMap(({ ingestConfigurations }) => ingestConfigurations);
  }

  configuration(arn?: string): ConfigurationState {
    const found = this.configurations().filter((configuration) => arn === undefined || configuration.arn === arn);
    if (found.length !== 1) throw new Error(`${found.length} ingest configurations match ${arn ?? 'anything'}`);
    return found[0];
  }

  /** A delivery whose function is killed when the operation has been carried out: it makes no other call. */
  async killed(operation: string, deliver: () => Promise<unknown>): Promise<void> {
    this.killing = { after: `${operation}Command`, isDead: false };
    await deliver().catch(() => undefined);
    this.killing = undefined;
  }

  protected handler() {
    const client = this.clientsOf('ivs-realtime', (region) => this.mortal(ivsRealtimeClient(region)));
    const secrets = this.clientsOf('secrets-manager', (region) => this.mortal(secretsManagerClient(region)));
    return ingestConfigurationHandler({ region: REGION, client, secretsManager: secrets });
  }

  /** A call of an application, which has the permission. */
  disconnectParticipant(stageArn: string, participantId: string): void {
    const now = this.clock.now();
    this.emulator.service('ivs-realtime').operations.DisconnectParticipant.run({ stageArn, participantId }, { account: ACCOUNT, region: REGION, now, readAt: now });
  }

  private mortal<C extends { middlewareStack: { add(middleware: any, options: any): void } }>(client: C): C {
    client.middlewareStack.add((next: any, context: { commandName: string }) => async (args: unknown) => {
      if (this.killing?.isDead) throw new Error('killed');
      const output = await next(args);
      if (context.commandName !== this.killing?.after) return output;
      this.killing.isDead = true;
      throw new Error('killed');
    }, { step: 'initialize' });
    return client;
  }
}

const stagePolicies = synthesisedPolicies('realTimeStage');

export class StageEndpointsSetup extends IvsSetup {
  constructor() {
    super(REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE, stagePolicies, [ivsRealtime()]);
  }

  resource(logicalId = 'Endpoints', stack = STACK_ID) {
    return super.resource(logicalId, stack);
  }

  protected handler() {
    return realTimeStageEndpointsHandler({ client: this.clientsOf('ivs-realtime', ivsRealtimeClient) });
  }
}
