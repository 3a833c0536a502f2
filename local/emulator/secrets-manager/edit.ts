import { ServiceError } from '../errors';
import { Edit } from '../service';
import { editedTags } from '../tags';
import { Context, livingSecrets } from './lookup';
import { newVersionId } from './resource-types';
import { removeSecret } from './secrets';
import { current } from './stages';
import { Region, Secret } from './state';
import { addVersion } from './versions';

/**
 * An out-of-band change: immediately, without the service's checks.
 *
 * delete (for ever), scheduleDeletion (a date as milliseconds; null restores), secretString (a new version becomes AWSCURRENT),
 * tags ({ key: value | null }, null removes), replaceTags.
 */
export interface SecretsManagerEdit extends Edit {
  readonly delete?: boolean;
  readonly scheduleDeletion?: number | null;
  readonly secretString?: string;
  readonly tags?: Record<string, string | null>;
  readonly replaceTags?: Record<string, string>;
}

const known = ['service', 'resource', 'delete', 'scheduleDeletion', 'secretString', 'tags', 'replaceTags'];

export function applyEdit(context: Context, given: Edit, now: number): void {
  const edit = given as SecretsManagerEdit;
  const unknown = Object.keys(edit).find(key => !known.includes(key));
  if (unknown) throw new ServiceError('InvalidEdit', `unknown edit ${unknown}; known: ${known.join(', ')}`, 400);
  const found = context.regions.all().flatMap(region => livingSecrets(region, now)
    .filter(({ arn, name }) => arn === edit.resource || name === edit.resource)
    .map(secret => ({ region, secret })));
  if (found.length !== 1) throw new ServiceError('InvalidEdit', `${found.length} living resources match ${edit.resource}`, 404);
  editSecret(context, found[0].region, found[0].secret, edit, now);
}

function editSecret(context: Context, region: Region, secret: Secret, edit: SecretsManagerEdit, now: number): void {
  if (edit.delete) return removeSecret(region, secret.arn, now);
  if (edit.secretString !== undefined) {
    const value = { member: 'SecretString', content: edit.secretString } as const;
    addVersion(context, region, secret, { id: newVersionId(context, secret), value, stages: [current] }, now);
  }
  region.secrets.change(secret.arn, now, before => ({
    ...before,
    tags: editedTags(before.tags, edit),
    deletionDate: edit.scheduleDeletion === undefined ? before.deletionDate : edit.scheduleDeletion ?? undefined,
  }));
}
