import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { SecretsManagerClient, UpdateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { App, Stack } from 'aws-cdk-lib';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import { LocalDeployment } from './local-deployment';
import { cloudFormation, deploy, drift } from '../../local/launcher/cdk';
import { ChimeMeetingPool, IngestConfiguration, RtcDriftMonitor, SignalingChannel } from '../../src';

/* CloudFormation's own drift detection, by the CLI: of everything but the custom resources, for which there is RtcDriftMonitor. */

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());

test('cdk drift finds no difference after a deployment, and finds a change of the stream key\'s secret', async () => {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-rtc-drift-'));
  const assembly = { app: outdir, cwd: outdir };
  const { url, region, env } = local.cloud;
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY };
  const secrets = new SecretsManagerClient({ endpoint: url, region, credentials });
  const client = cloudFormation(local.cloud);
  try {
    const app = new App({ outdir });
    const stack = new Stack(app, 'Drift');
    new SignalingChannel(stack, 'Channel');
    new ChimeMeetingPool(stack, 'Rooms', { size: 1 });
    new IngestConfiguration(stack, 'Ingest', { stage: new ivs.CfnStage(stack, 'Stage'), userId: 'camera' });
    new RtcDriftMonitor(stack, 'Monitor');
    app.synth();
    const { exitCode, output } = await deploy(local.cloud, assembly);
    expect({ exitCode, output: exitCode ? output : [] }).toEqual({ exitCode: 0, output: [] });

    const unchanged = await drift(local.cloud, assembly);
    expect({ exitCode: unchanged.exitCode, output: unchanged.output.join('\n') }).toEqual({ exitCode: 0, output: expect.stringContaining('No drift detected') });

    const { StackResources = [] } = await client.describeStackResources({ StackName: 'Drift' });
    const secret = StackResources.find(({ ResourceType }) => ResourceType === 'AWS::SecretsManager::Secret');
    await secrets.send(new UpdateSecretCommand({ SecretId: secret!.PhysicalResourceId, Description: 'changed out-of-band' }));
    const changed = await drift(local.cloud, assembly);
    expect(changed.exitCode).toBe(1);
    expect(changed.output.join('\n')).toContain('changed out-of-band');
    expect(changed.output.join('\n')).not.toMatch(/deleted/i);
  } finally {
    client.destroy();
    secrets.destroy();
    fs.rmSync(outdir, { recursive: true, force: true });
  }
  await local.destroyed('Drift');
});
