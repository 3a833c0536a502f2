import {
  CreateSecretCommand, CreateSecretCommandInput, DescribeSecretCommand, GetSecretValueCommand, GetSecretValueCommandInput,
  ListSecretVersionIdsCommand, PutSecretValueCommand, PutSecretValueCommandInput, SecretsManagerClient, SecretsManagerClientConfig,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { region } from './harness';
import { Emulator, EmulatorOptions, requestHandler, secretsManager, SecretsManagerOptions, VirtualClock } from '../../../local/emulator';

export const day = 24 * 60 * 60 * 1000;

export interface SecretsHarness {
  readonly emulator: Emulator;
  readonly clock: VirtualClock;
  /** The real SDK client, without sockets and without retries of its own. */
  readonly client: SecretsManagerClient;
  clientOf(config: Partial<SecretsManagerClientConfig>): SecretsManagerClient;
  edit(resource: string, changes: Record<string, unknown>): void;
}

/** Time stands still until a test advances it; limits are off unless asked for. */
export function startSecrets(options: SecretsManagerOptions = {}, emulatorOptions: EmulatorOptions = {}): SecretsHarness {
  const clock = new VirtualClock();
  const emulator = new Emulator({ clock, rates: 'off', services: [secretsManager(options)], ...emulatorOptions });
  const clientOf = (config: Partial<SecretsManagerClientConfig>) => new SecretsManagerClient({
    requestHandler: requestHandler(emulator, 'secrets-manager'),
    region,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
    ...config,
  });
  return { emulator, clock, clientOf, client: clientOf({}), edit: (resource, changes) => emulator.edit({ service: 'secrets-manager', resource, ...changes }) };
}

/** A version id of 32 characters. */
export function token(name: string): string {
  return name.padEnd(32, '-');
}

export async function create(client: SecretsManagerClient, more: Partial<CreateSecretCommandInput> = {}) {
  return client.send(new CreateSecretCommand({ Name: 'door', ...more }));
}

export async function put(client: SecretsManagerClient, id: string, SecretString: string, more: Partial<PutSecretValueCommandInput> = {}) {
  return client.send(new PutSecretValueCommand({ SecretId: 'door', ClientRequestToken: token(id), SecretString, ...more }));
}

export async function get(client: SecretsManagerClient, more: Partial<GetSecretValueCommandInput> = {}) {
  return client.send(new GetSecretValueCommand({ SecretId: 'door', ...more }));
}

export async function describeSecret(client: SecretsManagerClient, SecretId = 'door') {
  return client.send(new DescribeSecretCommand({ SecretId }));
}

export async function moveStage(client: SecretsManagerClient, VersionStage: string, from: string | undefined, to: string | undefined) {
  return client.send(new UpdateSecretVersionStageCommand({
    SecretId: 'door', VersionStage, RemoveFromVersionId: from && token(from), MoveToVersionId: to && token(to),
  }));
}

/** The staging labels of each version by the name that its token was made of, deprecated versions too. */
export async function stagesOf(client: SecretsManagerClient): Promise<Record<string, string[]>> {
  const { Versions } = await client.send(new ListSecretVersionIdsCommand({ SecretId: 'door', IncludeDeprecated: true }));
  return Object.fromEntries(Versions!.map(({ VersionId, VersionStages = [] }) => [VersionId!.replace(/-+$/, ''), VersionStages]));
}
