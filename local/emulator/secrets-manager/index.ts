import { redacted } from '../calls';
import { asServiceModel } from '../model';
import modelJson from '../models/secretsmanager.json';
import { CallContext, Engine, Input, Operation, Service, ServiceFactory } from '../service';
import { applyEdit } from './edit';
import { Context, livingSecrets } from './lookup';
import { rates, SecretsManagerOptions } from './options';
import { secretType } from './resource-types';
import { createSecret, deleteSecret, describeSecret, restoreSecret } from './secrets';
import { newRegions, Region } from './state';
import { tagResource, untagResource } from './tags';
import { newTarget, newValueTarget, secretTarget, valueTarget } from './targets';
import { getSecretValue, keptVersions, listSecretVersionIds, putSecretValue, updateSecretVersionStage } from './versions';

export type { SecretsManagerOptions } from './options';
export type { SecretsManagerEdit } from './edit';

type Run = (context: Context, input: Input, call: CallContext) => Record<string, unknown>;

/** What no state, call log or control request shows. */
interface SecretsManagerService extends Service {
  secretValues(): string[];
}

/** AWS Secrets Manager: secrets and their versions, without rotation, replicas and resource policies. */
export function secretsManager(options: SecretsManagerOptions = {}): ServiceFactory {
  return (engine: Engine): SecretsManagerService => {
    const context: Context = { engine, options, regions: newRegions() };
    const { regions } = context;
    const read = (targets: Operation['targets'], run: Run): Operation =>
      ({ access: 'read', targets, run: (input, call) => run(context, input, call) });
    const write = (targets: Operation['targets'], run: Run): Operation => ({ ...read(targets, run), access: 'write' });
    const deletion = ({ RecoveryWindowInDays, ForceDeleteWithoutRecovery }: Input) => ({ RecoveryWindowInDays, ForceDeleteWithoutRecovery });
    return {
      name: 'secrets-manager',
      model: asServiceModel(modelJson),
      iamPrefix: 'secretsmanager',
      errors: {
        invalid: 'ValidationException', throttled: 'ThrottlingException', accessDenied: 'AccessDeniedException', internalFailure: 'InternalServiceError',
      },
      rates,
      operations: {
        CreateSecret: { ...write(newTarget(context), createSecret), created: output => output.ARN },
        DescribeSecret: read(secretTarget(context), describeSecret),
        GetSecretValue: read(valueTarget(context), getSecretValue),
        PutSecretValue: write(newValueTarget(context), putSecretValue),
        UpdateSecretVersionStage: write(secretTarget(context, ({ VersionStage }) => ({ VersionStage })), updateSecretVersionStage),
        ListSecretVersionIds: read(secretTarget(context), listSecretVersionIds),
        DeleteSecret: write(secretTarget(context, deletion), deleteSecret),
        RestoreSecret: write(secretTarget(context), restoreSecret),
        TagResource: write(secretTarget(context), tagResource),
        UntagResource: write(secretTarget(context), untagResource),
      },
      resourceTypes: { 'AWS::SecretsManager::Secret': secretType(context) },
      changes: () => regions.changes,
      edit: (edit, now) => applyEdit(context, edit, now),
      snapshot: now => regions.all().map(region => snapshotOf(context, region, now)),
      reset: () => regions.reset(),
      secretValues: () => regions.all().flatMap(({ values }) => values),
    };
  };
}

/** Every value that was stored since the last reset, bytes in base64, for a test that looks for them where they must not be. */
export function secretValues(emulator: { service(name: string): Service }): string[] {
  return (emulator.service('secrets-manager') as SecretsManagerService).secretValues();
}

function snapshotOf(context: Context, region: Region, now: number): Record<string, unknown> {
  return {
    account: region.account,
    region: region.region,
    secrets: livingSecrets(region, now).map(secret => ({
      ...secret, versions: keptVersions(context, secret, now).map(version => ({ ...version, content: redacted })),
    })),
  };
}
