import { partitionOf } from '../regions';
import { CallContext, Input, Operation, Target } from '../service';
import { requestTags } from '../tags';
import { Context, findSecret, isArn, regionOf } from './lookup';
import { current } from './stages';
import { arnOf } from './state';
import { versionById } from './versions';

/*
 * What each operation is about, and what it needs of KMS. A secret that does not exist is asked for by its name, without the random
 * characters of an ARN (assumed of the real service).
 */
type Targets = Operation['targets'];

export function newTarget(context: Context): Targets {
  return (input, call) => {
    const existing = findSecret(regionOf(context, call), input.Name, call.now);
    const created: Target = {
      arn: existing?.arn ?? arnOf(call, input.Name),
      requestTags: requestTags(input.Tags),
      conditionKeys: present({ Name: input.Name, Description: input.Description, KmsKeyId: input.KmsKeyId }),
    };
    const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined;
    return [
      created,
      ...input.Tags?.length > 0 ? [{ ...created, action: 'secretsmanager:TagResource' }] : [],
      ...hasValue ? keyTargets(call, input.KmsKeyId, ['GenerateDataKey', 'Decrypt']) : [],
    ];
  };
}

/** `keys` are the condition keys that the request itself makes. */
export function secretTarget(context: Context, keys: (input: Input) => Record<string, unknown> = () => ({})): Targets {
  return (input, call) => {
    const secret = findSecret(regionOf(context, call), input.SecretId, call.now);
    return [{
      arn: secret?.arn ?? (isArn(input.SecretId) ? input.SecretId : arnOf(call, input.SecretId)),
      tags: secret?.tags,
      requestTags: requestTags(input.Tags),
      tagKeys: input.TagKeys,
      conditionKeys: present({ SecretId: secret?.arn ?? input.SecretId, ...keys(input) }),
    }];
  };
}

/** Reading decrypts. */
export function valueTarget(context: Context): Targets {
  const wanted = ({ VersionId, VersionStage = VersionId === undefined ? current : undefined }: Input) => ({ VersionId, VersionStage });
  return (input, call) => {
    const secret = findSecret(regionOf(context, call), input.SecretId, call.now);
    return [...secretTarget(context, wanted)(input, call), ...keyTargets(call, secret?.kmsKeyId, ['Decrypt'])];
  };
}

/** Writing encrypts; a version that is there already is decrypted, to compare it. */
export function newValueTarget(context: Context): Targets {
  return (input, call) => {
    const secret = findSecret(regionOf(context, call), input.SecretId, call.now);
    const repeated = secret && input.ClientRequestToken !== undefined && versionById(context, secret, input.ClientRequestToken, call.now);
    const actions = repeated ? ['GenerateDataKey', 'Decrypt'] : ['GenerateDataKey'];
    return [...secretTarget(context)(input, call), ...keyTargets(call, secret?.kmsKeyId, actions)];
  };
}

/** The account's own key of AWS needs no permission. Conditions on the encryption context are beyond the simulator, and deny. */
function keyTargets(call: CallContext, kmsKeyId: string | undefined, actions: string[]): Target[] {
  if (kmsKeyId === undefined || kmsKeyId.endsWith('alias/aws/secretsmanager')) return [];
  return actions.map(action => ({
    arn: keyArn(call, kmsKeyId),
    action: `kms:${action}`,
    conditionKeys: { 'kms:ViaService': `secretsmanager.${call.region}.amazonaws.com`, 'kms:CallerAccount': call.account },
  }));
}

/** KMS authorizes the key of an alias. The emulator doesn't know that key, so an alias keeps its own ARN. */
function keyArn({ account, region }: CallContext, id: string): string {
  if (isArn(id)) return id;
  return `arn:${partitionOf(region)}:kms:${region}:${account}:${id.startsWith('alias/') ? id : `key/${id}`}`;
}

function present(keys: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(keys)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [`secretsmanager:${key}`, String(value)]));
}
