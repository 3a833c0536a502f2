import { ServiceError } from '../errors';
import { knownMembers } from '../model';
import { Edit } from '../service';
import { editedTags } from '../tags';
import { validate, validationMessage } from '../validation';
import { Context } from './lookup';
import { StreamingConfiguration } from './options';
import { VoiceConnector } from './state';

/**
 * An edit by somebody else, of a voice connector by its ARN, id or name: at once, without the service's checks, also of one that is
 * not visible yet.
 *
 * delete, name, requireEncryption, streamingConfiguration (as in the API; null: removed), tags ({ key: value | null }, null removes),
 * replaceTags.
 */
export interface ChimeSdkVoiceEdit extends Edit {
  readonly delete?: boolean;
  readonly name?: string;
  readonly requireEncryption?: boolean;
  readonly streamingConfiguration?: StreamingConfiguration | null;
  readonly tags?: Record<string, string | null>;
  readonly replaceTags?: Record<string, string>;
}

const known = ['service', 'resource', 'delete', 'name', 'requireEncryption', 'streamingConfiguration', 'tags', 'replaceTags'];

export function applyEdit(context: Context, given: Edit, now: number): void {
  const edit = given as ChimeSdkVoiceEdit;
  const unknown = Object.keys(edit).find(key => !known.includes(key));
  if (unknown) throw new ServiceError('InvalidEdit', `unknown edit ${unknown}; known: ${known.join(', ')}`, 400);
  if (edit.streamingConfiguration) assertPossible(context, edit.streamingConfiguration);
  const found = context.state.all().flatMap(({ connectors }) => connectors.all(now)
    .filter(({ arn, id, name }) => [arn, id, name].includes(edit.resource))
    .map(({ arn }) => () => connectors.change(arn, now, connector => edited(context, connector, edit, now))));
  if (found.length !== 1) throw new ServiceError('InvalidEdit', `${found.length} living voice connectors match ${edit.resource}`, 404);
  found[0]();
}

function assertPossible(context: Context, configuration: StreamingConfiguration): void {
  const findings = validate(context.model, 'StreamingConfiguration', configuration);
  if (findings.length > 0) throw new ServiceError('InvalidEdit', validationMessage(findings), 400);
}

function edited(context: Context, connector: VoiceConnector, edit: ChimeSdkVoiceEdit, now: number): VoiceConnector | undefined {
  if (edit.delete) return undefined;
  const { name = connector.name, requireEncryption = connector.requireEncryption, streamingConfiguration } = edit;
  return {
    ...connector,
    name,
    requireEncryption,
    updated: edit.name !== undefined || edit.requireEncryption !== undefined ? now : connector.updated,
    ...streamingConfiguration !== undefined && {
      streaming: streamingConfiguration ? knownMembers(context.model, 'StreamingConfiguration', streamingConfiguration) as StreamingConfiguration : undefined,
    },
    tags: editedTags(connector.tags, edit),
  };
}
