import { CONSTRUCTS } from './constructs';
import { Installation } from './installation';

// An app with a copy of the library, and a company library that brings another one in its own node_modules.
let installation: Installation;
let paths: { app: string; company: string };
const COMPANY = 'node_modules/company';

beforeAll(() => { installation = new Installation(); });
afterAll(() => installation.remove());

function install(appVersion: string, companyVersion: string): void {
  paths = { app: installation.installCopy(appVersion), company: installation.installCopy(companyVersion, COMPANY) };
  installation.write(`${COMPANY}/index.js`, "module.exports = require('cdk-rtc');");
}

const PRELUDE = `
  const { App, Stack } = require('aws-cdk-lib');
  const { Template } = require('aws-cdk-lib/assertions');
  const ec2 = require('aws-cdk-lib/aws-ec2');
  const iam = require('aws-cdk-lib/aws-iam');
  const kinesisvideo = require('aws-cdk-lib/aws-kinesisvideo');
  const s3 = require('aws-cdk-lib/aws-s3');
  const rtc = require('cdk-rtc');
  const company = require('company');
`;

/** One construct of each class of a copy, and the classes of a copy that recognize a value. */
const EVERY_CONSTRUCT = `
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  const constructs = (copy) => {
    const VoiceConnector = new copy.VoiceConnector(stack, 'Connector');
    const PhoneNumber = new copy.PhoneNumber(stack, 'Number', { source: copy.PhoneNumberSource.tollFree() });
    return {
      ChimeMeetingPool: new copy.ChimeMeetingPool(stack, 'Pool', { size: 1 }),
      IngestConfiguration: new copy.IngestConfiguration(stack, 'Ingest'),
      PhoneNumber,
      PhoneNumberAssociation: new copy.PhoneNumberAssociation(stack, 'Association', { voiceConnector: VoiceConnector, phoneNumber: PhoneNumber }),
      RealTimeStage: new copy.RealTimeStage(stack, 'Stage'),
      RtcDriftMonitor: new copy.RtcDriftMonitor(stack, 'Monitor'),
      SignalingChannel: new copy.SignalingChannel(stack, 'Channel'),
      StorageConfiguration: new copy.StorageConfiguration(stack, 'Storage', { bucket: new s3.Bucket(stack, 'Bucket') }),
      VideoStream: new copy.VideoStream(stack, 'Stream'),
      VoiceConnector,
      VoiceConnectorLogging: new copy.VoiceConnectorLogging(stack, 'Logging', { voiceConnector: VoiceConnector }),
      VoiceConnectorOrigination: new copy.VoiceConnectorOrigination(stack, 'Origination', { voiceConnector: VoiceConnector, routes: [{ host: 'sip.example.com' }] }),
      VoiceConnectorStreaming: new copy.VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: VoiceConnector }),
      VoiceConnectorTermination: new copy.VoiceConnectorTermination(stack, 'Termination', {
        voiceConnector: VoiceConnector, allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'],
      }),
    };
  };
  const recognizedBy = (copy, value) => ${JSON.stringify(CONSTRUCTS)}.filter((name) => copy[name]['is' + name](value));
`;

interface Resource {
  readonly Type: string;
  readonly Properties: any;
}

const ofType = (template: { Resources: Record<string, Resource> }, type: string) =>
  Object.values(template.Resources).filter(({ Type }) => Type === type);

describe('of one version', () => {
  beforeAll(() => install('1.2.3', '1.2.3'));

  test('two modules are loaded', () => {
    expect(installation.run(`${PRELUDE} answer(rtc.SignalingChannel !== company.SignalingChannel);`)).toBe(true);
  });

  test('the settings of one copy reach the functions that another copy creates, and both share them', () => {
    const template = installation.run(`${PRELUDE}
      const stack = new Stack(new App(), 'Stack');
      const boundary = iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary');
      rtc.RtcProvider.configure(stack.node.root, { vpc: new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }), permissionsBoundary: boundary });
      new company.SignalingChannel(stack, 'Theirs');
      new rtc.SignalingChannel(stack, 'Ours');
      new company.RtcDriftMonitor(stack, 'Monitor');
      answer(Template.fromStack(stack).toJSON());
    `);
    const functions = ofType(template, 'AWS::Lambda::Function');
    // Five of the provider, and the drift monitor.
    expect(functions).toHaveLength(6);
    for (const { Properties } of functions) expect(Properties.VpcConfig.SubnetIds).toHaveLength(2);
    const roles = ofType(template, 'AWS::IAM::Role');
    expect(roles).toHaveLength(6);
    for (const { Properties } of roles) expect(JSON.stringify(Properties.PermissionsBoundary)).toContain('policy/boundary');
    const [token, ...others] = ofType(template, 'Custom::RtcSignalingChannel').map(({ Properties }) => Properties.ServiceToken);
    expect(others).toEqual([token]);
    const [schedule] = ofType(template, 'AWS::Scheduler::Schedule').map(({ Properties }) => JSON.stringify(Properties.Target.Input));
    for (const id of ['Ours', 'Theirs']) expect(schedule).toContain(id);
  });

  test('tag conditions that one copy turns off are off in the grants of another', () => {
    const template = installation.run(`${PRELUDE}
      const stack = new Stack(new App(), 'Stack');
      rtc.RtcProvider.configure(stack, { tagConditions: false });
      const { Function } = require('aws-cdk-lib/aws-lambda');
      const checkoutFunction = Function.fromFunctionName(stack, 'Checkout', 'checkout');
      const pool = company.ChimeMeetingPool.fromChimeMeetingPoolAttributes(stack, 'Pool', { poolName: 'pool', checkoutFunction });
      pool.grants.endMeetings(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
      answer(Template.fromStack(stack).toJSON());
    `);
    expect(JSON.stringify(ofType(template, 'AWS::IAM::Policy'))).toContain('chime:DeleteMeeting');
    expect(JSON.stringify(ofType(template, 'AWS::IAM::Policy'))).not.toContain('Condition');
  });

  test('the exclusive use of a resource is validated across copies', () => {
    const message = installation.run(`${PRELUDE}
      const stack = new Stack(new App(), 'Stack');
      const mediaStorageStream = new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 1 });
      new rtc.SignalingChannel(stack, 'Ours', { mediaStorageStream });
      answer(messageOf(() => new company.SignalingChannel(stack, 'Theirs', { mediaStorageStream })));
    `);
    expect(message).toContain('[Stack/Theirs] mediaStorageStream: Stack/Ours records into this stream already');
  });

  test('a stream that a mixin of one copy claims is claimed for the other, and a channel that has the mixin has it', () => {
    const messages = installation.run(`${PRELUDE}
      const stack = new Stack(new App(), 'Stack');
      const mediaStorageStream = new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 1 });
      const channel = new kinesisvideo.CfnSignalingChannel(stack, 'Native');
      channel.with(new rtc.mixins.SignalingChannelMediaStorage({ mediaStorageStream }));
      answer([
        messageOf(() => new company.SignalingChannel(stack, 'Theirs', { mediaStorageStream })),
        messageOf(() => channel.with(new company.mixins.SignalingChannelMediaStorage({ mediaStorageStream }))),
      ]);
    `);
    expect(messages).toEqual([
      expect.stringContaining('[Stack/Theirs] mediaStorageStream: Stack/Native records into this stream already'),
      expect.stringContaining('[Stack/Native] mediaStorageStream: the mixin SignalingChannelMediaStorage is applied to this channel already'),
    ]);
  });

  test('isXxx of one copy recognizes the constructs of another, each by its own method only', () => {
    expect(installation.run(`${PRELUDE} ${EVERY_CONSTRUCT}
      answer(Object.entries(constructs(rtc)).map(([name, construct]) => [name, recognizedBy(company, construct)]));
    `)).toEqual(CONSTRUCTS.map((name) => [name, [name]]));
  });

  test('isXxx is false for an imported resource, another construct, and no construct', () => {
    expect(installation.run(`${PRELUDE} ${EVERY_CONSTRUCT}
      const imported = rtc.SignalingChannel.fromSignalingChannelName(stack, 'Imported', 'doorbell');
      answer([imported, stack, {}, [], 'SignalingChannel', 1, true, null, undefined].map((value) => recognizedBy(rtc, value)));
    `)).toEqual(Array(9).fill([]));
  });

  test('a scope that another copy has configured, and a stack in which it has created the functions, can\'t be configured', () => {
    expect(installation.run(`${PRELUDE}
      const [configured, used] = ['Configured', 'Used'].map((id) => new Stack(new App(), id));
      company.RtcProvider.configure(configured, {});
      new company.SignalingChannel(used, 'Channel');
      answer([configured, used].map((scope) => messageOf(() => rtc.RtcProvider.configure(scope, {}))));
    `)).toEqual([
      '[Configured] RtcProvider.configure: this scope is configured already; give all options in one call',
      expect.stringContaining('Used/CdkRtc exists already; configure before the first construct of cdk-rtc in this scope'),
    ]);
  });
});

describe('of different versions', () => {
  beforeAll(() => install('1.2.3', '1.3.0'));

  const sentence = () => `cdk-rtc: this app loads two versions of the library, 1.2.3 from ${paths.app} and 1.3.0 from ${paths.company}; install one version`;

  test.each([
    ['a construct', "new company.SignalingChannel(stack, 'Theirs')"],
    ['a construct in another stack', "new company.SignalingChannel(new Stack(stack.node.root, 'Other'), 'Theirs')"],
    ['configure', 'company.RtcProvider.configure(stack.node.root, {})'],
    ['a monitor', "new company.RtcDriftMonitor(stack, 'Monitor')"],
  ])('%s fails, and names both', (_name, action) => {
    expect(installation.run(`${PRELUDE}
      const stack = new Stack(new App(), 'Stack');
      new rtc.SignalingChannel(stack, 'Ours');
      answer(messageOf(() => ${action}));
    `)).toContain(sentence());
  });

  test('isXxx of one version recognizes the constructs of the other', () => {
    expect(installation.run(`${PRELUDE} ${EVERY_CONSTRUCT}
      answer(Object.entries(constructs(rtc)).map(([name, construct]) => [name, recognizedBy(company, construct)]));
    `)).toEqual(CONSTRUCTS.map((name) => [name, [name]]));
  });

  test('each works in an app of its own', () => {
    expect(installation.run(`${PRELUDE}
      answer([rtc, company].map(({ SignalingChannel }) => {
        const stack = new Stack(new App(), 'Stack');
        return messageOf(() => new SignalingChannel(stack, 'Channel')) ?? Object.keys(Template.fromStack(stack).toJSON().Resources).length;
      }));
    `)).toEqual([14, 14]);
  });
});
