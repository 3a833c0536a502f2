import { ServiceError } from '../errors';
import { Edit } from '../service';
import { editedTags } from '../tags';
import { storeRecording } from './buckets';
import { withRedundantIngest } from './ingest-configurations';
import { Context } from './lookup';
import { removeStage } from './stages';
import { IngestConfiguration, Region, StageEndpoints } from './state';

/**
 * An out-of-band change: immediately, without the service's checks.
 *
 * ingest configuration: delete, state (ACTIVE: a publisher is live), stageArn ('' or null detaches), redundantIngest,
 *                       tags ({ key: value | null }, null removes), replaceTags.
 * stage: delete, endpoints ({ rtmps: url }, those that change), tags, replaceTags.
 */
export interface IvsRealtimeEdit extends Edit {
  readonly delete?: boolean;
  readonly state?: IngestConfiguration['state'];
  readonly stageArn?: string | null;
  readonly redundantIngest?: boolean;
  readonly endpoints?: Partial<StageEndpoints>;
  readonly tags?: Record<string, string | null>;
  readonly replaceTags?: Record<string, string>;
}

const forBoth = ['service', 'resource', 'delete', 'tags', 'replaceTags'];
const forConfigurations = [...forBoth, 'state', 'stageArn', 'redundantIngest'];
const forStages = [...forBoth, 'endpoints'];

export function applyEdit(context: Context, given: Edit, now: number): void {
  const edit = given as IvsRealtimeEdit;
  const found = context.regions.all().flatMap(region => [
    ...matches(region.ingestConfigurations.all(now), edit.resource).map(({ arn }) => () => editConfiguration(context, region, arn, edit, now)),
    ...matches(region.stages.all(now), edit.resource).map(({ arn }) => () => editStage(context, region, arn, edit, now)),
  ]);
  if (found.length !== 1) throw new ServiceError('InvalidEdit', `${found.length} living resources match ${edit.resource}`, 404);
  found[0]();
}

function matches<T extends { arn: string; name: string }>(all: T[], resource: string): T[] {
  return all.filter(({ arn, name }) => arn === resource || (name === resource && name !== ''));
}

function editConfiguration(context: Context, region: Region, arn: string, edit: IvsRealtimeEdit, now: number): void {
  assertKnown(edit, forConfigurations);
  if (edit.state !== undefined && edit.state !== 'ACTIVE' && edit.state !== 'INACTIVE') {
    throw new ServiceError('InvalidEdit', `unknown state ${String(edit.state)}; known: ACTIVE, INACTIVE`, 400);
  }
  region.changeIngestConfiguration(arn, now, current => edit.delete ? undefined : {
    ...current,
    state: edit.state ?? current.state,
    stageArn: edit.stageArn === undefined ? current.stageArn : edit.stageArn ?? '',
    ...withRedundantIngest(context, region, current, edit.redundantIngest ?? current.redundantIngest),
    tags: editedTags(current.tags, edit),
  });
  if (edit.state === 'ACTIVE') record(context, region, arn, now);
}

/** The stream that begins. Here, the recording is complete at once. */
function record({ options }: Context, region: Region, arn: string, now: number): void {
  const { stageArn, participantId } = region.ingestConfigurations.byArn(arn, now)!;
  const { recording, activeSessionId } = region.stages.byArn(stageArn, now) ?? {};
  const bucket = recording && region.storageConfigurations.byArn(recording.storageConfigurationArn, now)?.bucketName;
  if (bucket) storeRecording(options, region, bucket, `${stageArn.split('/')[1]}/${activeSessionId}/${participantId}/media/hls/multivariant.m3u8`);
}

function editStage(context: Context, region: Region, arn: string, edit: IvsRealtimeEdit, now: number): void {
  assertKnown(edit, forStages);
  if (edit.delete) {
    removeStage(context, region, arn, now);
  } else {
    region.stages.change(arn, now, current => ({
      ...current, endpoints: { ...current.endpoints, ...edit.endpoints }, tags: editedTags(current.tags, edit),
    }));
  }
}

function assertKnown(edit: IvsRealtimeEdit, known: string[]): void {
  const unknown = Object.keys(edit).find(key => !known.includes(key));
  if (unknown) throw new ServiceError('InvalidEdit', `unknown edit ${unknown}; known: ${known.join(', ')}`, 400);
}
