import type { Stack } from 'aws-cdk-lib';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import type { Construct } from 'constructs';
import { progress, shown, spread } from './samples';
import { table } from './table';
import type { CallRecord } from '../local/emulator';
import type { CdkStackRun } from '../local/launcher/cdk';
import { ChimeMeetingPool, IngestConfiguration, SignalingChannel, VoiceConnector, VoiceConnectorStreaming } from '../src';
import { LocalDeployment } from '../test/e2e/local-deployment';

const STACK = 'Deployed';

/** Milliseconds from the creation of a channel to its ACTIVE. */
const CREATING = 1000;

const POOL_SIZE = 3;

/** One after the other, so that they do not take the two cores from each other. The first starts the functions of the stack. */
const RESOURCES: Record<string, (stack: Stack, id: string, voiceConnectorArn: string) => Construct> = {
  FirstChannel: (stack, id) => new SignalingChannel(stack, id),
  Channel: (stack, id) => new SignalingChannel(stack, id),
  Ingest: (stack, id) => new IngestConfiguration(stack, id, { stage: new ivs.CfnStage(stack, 'Stage') }),
  Streaming: (stack, id, voiceConnectorArn) =>
    new VoiceConnectorStreaming(stack, id, { voiceConnector: VoiceConnector.fromVoiceConnectorArn(stack, 'Connector', voiceConnectorArn) }),
  Pool: (stack, id) => new ChimeMeetingPool(stack, id, { size: POOL_SIZE }),
};

const SHOWN: Record<string, string> = {
  FirstChannel: 'SignalingChannel, first of its stack',
  Channel: 'SignalingChannel',
  Ingest: 'IngestConfiguration',
  Streaming: 'VoiceConnectorStreaming',
  Pool: `ChimeMeetingPool of ${POOL_SIZE}`,
};

interface Creation {
  readonly id: string;
  /** From the moment at which the service has all that was asked for to CloudFormation's CREATE_COMPLETE. */
  readonly secondsAfterActive: number;
  /** From the request that CloudFormation sends. */
  readonly seconds: number;
}

/** Creations by real `cdk deploy`s on the local cloud: its CloudFormation, the provider framework and the handlers, each function a process of its own. */
export async function measureDeployments({ runs }: { runs: number }) {
  progress('starting a local cloud');
  const local = await LocalDeployment.start({ timings: { creating: CREATING } });
  try {
    const samples: Creation[] = [];
    for (let run = 1; run <= runs; run += 1) {
      progress(`deployment ${run} of ${runs}`);
      samples.push(...await deployOnce(local));
    }
    progress('');
    const creations = Object.keys(RESOURCES).map((id) => summaryOf(id, samples));
    console.log(table(`Creations on the local cloud, ${runs} deployments: seconds, median (from-to)`, creations.map(({ resource, secondsAfterActive, seconds }) => ({
      resource,
      'from ACTIVE to CREATE_COMPLETE': shown(secondsAfterActive),
      'from the request to CREATE_COMPLETE': shown(seconds),
    }))));
    return creations;
  } finally {
    await local.stop();
  }
}

async function deployOnce(local: LocalDeployment): Promise<Creation[]> {
  const { physicalId } = local.emulator.applyResource({
    action: 'create', type: 'AWS::Chime::VoiceConnector', region: local.cloud.region, properties: { Name: 'trunk', RequireEncryption: true },
  });
  await local.cloud.forgetCustomResources();
  const { events } = await local.deployed(STACK, (stack) => {
    const made = Object.entries(RESOURCES).map(([id, make]) => make(stack, id, physicalId));
    made.slice(1).forEach((later, index) => later.node.addDependency(made[index]));
  });
  const requests = await local.cloud.customResources();
  const creations = requests.map(({ logicalId, sentAt }) => creationOf(logicalId, Date.parse(sentAt), events, local.emulator.calls));
  await local.destroyed(STACK);
  local.emulator.reset();
  return creations;
}

function creationOf(logicalId: string, sent: number, events: CdkStackRun['events'], calls: readonly CallRecord[]): Creation {
  const id = Object.keys(RESOURCES).find((known) => new RegExp(`^${known}[0-9A-F]{8}$`).test(logicalId))!;
  const complete = events.find(({ LogicalResourceId, ResourceStatus }) => LogicalResourceId === logicalId && ResourceStatus === 'CREATE_COMPLETE')!.Timestamp!.getTime();
  // Only one resource at a time is under way.
  const lastChange = calls.filter(({ mutated, time }) => mutated && time >= sent && time <= complete).at(-1)!.time;
  const active = id.endsWith('Channel') ? lastChange + CREATING : lastChange;
  return { id, secondsAfterActive: (complete - active) / 1000, seconds: (complete - sent) / 1000 };
}

function summaryOf(id: string, samples: readonly Creation[]) {
  const own = samples.filter((sample) => sample.id === id);
  return {
    resource: SHOWN[id],
    secondsAfterActive: spread(own.map(({ secondsAfterActive }) => secondsAfterActive)),
    seconds: spread(own.map(({ seconds }) => seconds)),
  };
}
