import { GetIngestConfigurationCommand, GetStageCommand, type Stage, UpdateIngestConfigurationCommand } from '@aws-sdk/client-ivs-realtime';
import { RealTimeResources } from './ivs-resources';
import { answerOf, ask, count, finding, readUntil } from './support';
import type { Finding, ProbeContext } from '../fact';

/** The seconds that the library allows for a read to return a change. */
const READ_LAG = 10;

/** F-50 */
export async function updateWithoutStage(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-50');
  return resources.using(async () => {
    const { arn: stageArn } = await resources.createStage();
    const { arn } = await ask(context, () => resources.createConfiguration({ stageArn }));
    await ask(context, () => resources.client.send(new UpdateIngestConfigurationCommand({ arn, redundantIngest: true })));
    const { ingestConfiguration } = await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })));
    const isKept = ingestConfiguration?.stageArn === stageArn;
    return finding(context, isKept, `After the update, the ingest configuration was ${isKept ? 'attached to the stage' : 'detached'}.`);
  });
}

/** F-51. The ARN has the form of an existing one. */
export async function missingStage(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-51');
  return resources.using(async () => {
    const stageArn = `arn:aws:ivs:${context.region}:${context.accountId}:stage/aBcDeFgHiJkL`;
    const { refusal } = await answerOf(context, () => resources.createConfiguration({ stageArn }));
    const isKnown = ['ResourceNotFoundException', 'ValidationException'].includes(refusal?.name ?? '');
    return finding(context, isKnown, refusal ? `The service refused the ingest configuration with ${refusal.name}.` : 'The service created the ingest configuration.');
  });
}

/** F-52 */
export async function deletedStageDetaches(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-52');
  return resources.using(async () => {
    const { arn: stageArn } = await resources.createStage();
    const { arn } = await ask(context, () => resources.createConfiguration({ stageArn }));
    await resources.deleteStage(stageArn!);
    const read = async () => (await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })))).ingestConfiguration;
    const isDetached = !(await readUntil(context, READ_LAG, read, (found) => !found?.stageArn))?.stageArn;
    return finding(context, isDetached, `After the deletion of the stage, the ingest configuration was ${isDetached ? 'detached' : 'still attached'}.`);
  });
}

/** F-53 */
export async function orderOfAttributes(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-53');
  return resources.using(async () => {
    const attributes = { second: '2', third: '3', first: '1' };
    const { arn } = await ask(context, () => resources.createConfiguration({ attributes }));
    const { ingestConfiguration } = await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })));
    const order = Object.keys(ingestConfiguration?.attributes ?? {}).join(', ');
    return finding(context, order === Object.keys(attributes).join(', '), `The service returned the attributes in this order: ${order}.`);
  });
}

/** F-66 */
export async function unsetMembersAreOmitted(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-66');
  return resources.using(async () => {
    const { arn } = await ask(context, () => resources.createConfiguration());
    const { ingestConfiguration } = await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })));
    const returned = (['userId', 'attributes'] as const).filter((member) => ingestConfiguration?.[member] !== undefined);
    return finding(context, returned.length === 0, `The service returned ${returned.length === 0 ? 'neither' : `an empty value for ${returned.join(' and ')}`}.`);
  });
}

/** F-94 */
export async function endpointsOfStages(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-94');
  return resources.using(async () => {
    const [first, second] = [await resources.createStage(), await resources.createStage()];
    const read = ({ arn }: Stage) => ask(context, () => resources.client.send(new GetStageCommand({ arn })));
    const endpointOf = async (stage: Stage) => (await read(stage)).stage?.endpoints?.rtmps;
    const isOwn = await endpointOf(first) !== await endpointOf(second);
    return finding(context, isOwn, `Two stages had ${isOwn ? 'different RTMPS endpoints' : 'the same RTMPS endpoint'}.`);
  });
}

/** F-95. The finding contains no key. */
export async function orderOfCredentials(context: ProbeContext): Promise<Finding> {
  const resources = new RealTimeResources(context, 'F-95');
  return resources.using(async () => {
    const { arn } = await ask(context, () => resources.createConfiguration({ redundantIngest: true }));
    const orders = new Set<string>();
    for (let read = 0; read < 5; read += 1) {
      const { ingestConfiguration } = await ask(context, () => resources.client.send(new GetIngestConfigurationCommand({ arn })));
      orders.add((ingestConfiguration?.redundantIngestCredentials ?? []).map(({ participantId }) => participantId).join());
      await context.wait(1);
    }
    return finding(context, orders.size === 1, `Five reads returned the credentials in ${count(orders.size, 'order')}.`);
  });
}
