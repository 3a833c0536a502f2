import { ServiceError } from '../errors';
import { knownMembers } from '../model';
import { Edit } from '../service';
import { editedTags } from '../tags';
import { validate, validationMessage } from '../validation';
import { Context } from './lookup';
import { VoiceConnector } from './state';
import { LoggingConfiguration, Origination, StreamingConfiguration, Termination } from './wire';

/**
 * An edit by somebody else, of a voice connector by its ARN, id or name: at once, without the service's checks, also of one that is
 * not visible yet.
 *
 * delete, name, requireEncryption, streamingConfiguration, termination, origination, and logging (as in the API; null: removed, termination with its users), users
 * ({ name: password | null }, null removes), emergencyCalling, tags ({ key: value | null }, null removes),
 * replaceTags.
 */
export interface ChimeSdkVoiceEdit extends Edit {
  readonly delete?: boolean;
  readonly name?: string;
  readonly requireEncryption?: boolean;
  readonly streamingConfiguration?: StreamingConfiguration | null;
  readonly termination?: Termination | null;
  readonly origination?: Origination | null;
  readonly logging?: LoggingConfiguration | null;
  readonly users?: Record<string, string | null>;
  readonly emergencyCalling?: boolean;
  readonly tags?: Record<string, string | null>;
  readonly replaceTags?: Record<string, string>;
}

/** The settings that an edit puts or removes: their members of an edit, and their shapes. */
const settings = { streamingConfiguration: 'StreamingConfiguration', termination: 'Termination', origination: 'Origination', logging: 'LoggingConfiguration' } as const;
const settingNames = Object.keys(settings) as (keyof typeof settings)[];

const known = ['service', 'resource', 'delete', 'name', 'requireEncryption', ...settingNames, 'users', 'emergencyCalling', 'tags', 'replaceTags'];

export function applyEdit(context: Context, given: Edit, now: number): void {
  const edit = given as ChimeSdkVoiceEdit;
  const unknown = Object.keys(edit).find(key => !known.includes(key));
  if (unknown) throw new ServiceError('InvalidEdit', `unknown edit ${unknown}; known: ${known.join(', ')}`, 400);
  for (const name of settingNames) {
    if (edit[name]) assertPossible(context, settings[name], edit[name]);
  }
  const found = context.state.all().flatMap(({ connectors }) => connectors.all(now)
    .filter(({ arn, id, name }) => [arn, id, name].includes(edit.resource))
    .map(({ arn }) => () => connectors.change(arn, now, connector => edited(context, connector, edit, now))));
  if (found.length !== 1) throw new ServiceError('InvalidEdit', `${found.length} living voice connectors match ${edit.resource}`, 404);
  found[0]();
}

function assertPossible(context: Context, shape: string, setting: object): void {
  const findings = validate(context.model, shape, setting);
  if (findings.length > 0) throw new ServiceError('InvalidEdit', validationMessage(findings), 400);
}

function edited(context: Context, connector: VoiceConnector, edit: ChimeSdkVoiceEdit, now: number): VoiceConnector | undefined {
  if (edit.delete) return undefined;
  const { name = connector.name, requireEncryption = connector.requireEncryption, emergencyCalling = connector.emergencyCalling, users = {} } = edit;
  const given = settingNames.filter(setting => edit[setting] !== undefined).map(setting => [
    setting === 'streamingConfiguration' ? 'streaming' : setting, edit[setting] ? knownMembers(context.model, settings[setting], edit[setting]) : undefined,
  ]);
  return {
    ...connector,
    name,
    requireEncryption,
    updated: edit.name !== undefined || edit.requireEncryption !== undefined ? now : connector.updated,
    emergencyCalling,
    ...Object.fromEntries(given),
    // Without termination no operation could delete them.
    credentials: editedTags(edit.termination === null ? {} : connector.credentials ?? {}, { tags: users }),
    tags: editedTags(connector.tags, edit),
  };
}
