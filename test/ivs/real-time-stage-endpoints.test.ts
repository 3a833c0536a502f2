import { App, Aws, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RealTimeStage, type RealTimeStageProps, RtcDriftMonitor } from '../../src';
import { TemplateGraph } from '../template-graph';

const TYPE = 'Custom::RtcRealTimeStageEndpoints';

function stackWith(props: RealTimeStageProps = {}): { stack: Stack; stage: RealTimeStage } {
  const stack = new Stack(new App(), 'Stack');
  return { stack, stage: new RealTimeStage(stack, 'Live', { stageName: 'studio', ...props }) };
}

/** The properties of the one resource that reads the endpoints. */
function propertiesOf(stack: Stack): Record<string, unknown> {
  const [{ Properties }, ...others] = Object.values(Template.fromStack(stack).findResources(TYPE));
  expect(others).toEqual([]);
  return Properties;
}

test('a stage whose endpoints are not used has no custom resource', () => {
  const { stack } = stackWith({ forceUpdateNonce: '1' });
  expect(Object.values(Template.fromStack(stack).toJSON().Resources).map(({ Type }: any) => Type)).toEqual(['AWS::IVS::Stage']);
});

test('all endpoints come from one custom resource', () => {
  const { stack, stage } = stackWith();
  const { rtmpsEndpoint, rtmpEndpoint, whipEndpoint, eventsEndpoint } = stage;
  const attributes = [rtmpsEndpoint, rtmpEndpoint, whipEndpoint, eventsEndpoint].map((value) => stack.resolve(value)['Fn::GetAtt']);
  expect(attributes.map(([, attribute]) => attribute)).toEqual(['RtmpsEndpoint', 'RtmpEndpoint', 'WhipEndpoint', 'EventsEndpoint']);
  expect(new Set(attributes.map(([id]) => id)).size).toBe(1);
  expect(stack.resolve(stage.rtmpsEndpoint)).toEqual(stack.resolve(rtmpsEndpoint));
  const id = stack.resolve(stage.stageArn).Ref;
  expect(propertiesOf(stack)).toMatchObject({ StageArn: { Ref: id } });
  expect(Object.keys(propertiesOf(stack)).sort()).toEqual(['ServiceTimeout', 'ServiceToken', 'StageArn', 'StageProperties']);
});

test.each<[string, RealTimeStageProps, RealTimeStageProps]>([
  ['the name', {}, { stageName: 'hall' }],
  ['the nonce', { forceUpdateNonce: '1' }, { forceUpdateNonce: '2' }],
])('a change of %s changes the properties, so that the endpoints are read again', (_, before, after) => {
  const [one, other] = [before, after].map((props) => {
    const { stack, stage } = stackWith(props);
    void stage.rtmpsEndpoint;
    return propertiesOf(stack);
  });
  expect(one).not.toEqual(other);
});

test('a change of the recording changes the properties', () => {
  const [one, other] = [Duration.seconds(0), Duration.seconds(10)].map((recordingReconnectWindow) => {
    const stack = new Stack(new App(), 'Stack');
    const storageConfiguration = { storageConfigurationRef: { storageConfigurationArn: `arn:aws:ivs:us-east-1:${Aws.ACCOUNT_ID}:storage-configuration/a` }, env: stack.env, node: stack.node } as never;
    const stage = new RealTimeStage(stack, 'Live', { autoParticipantRecording: { storageConfiguration, recordingReconnectWindow } });
    void stage.rtmpsEndpoint;
    return propertiesOf(stack);
  });
  expect(one).not.toEqual(other);
});

test('the resource depends on its policy, which only reads stages', () => {
  const { stack, stage } = stackWith();
  void stage.whipEndpoint;
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [{
        Action: 'ivs:GetStage',
        Effect: 'Allow',
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ivs:*:', { Ref: 'AWS::AccountId' }, ':stage/*']] },
      }],
    },
  });
  const graph = new TemplateGraph(template);
  const [endpoints] = graph.ofType(TYPE);
  const policies = graph.ofType('AWS::IAM::Policy').filter((id) => id.startsWith('CdkRtcRealTimeStageEndpointsPolicy'));
  expect(policies).toHaveLength(1);
  expect(graph.needs(endpoints)).toContain(policies[0]);
});

test('another stack can use an endpoint', () => {
  const app = new App();
  const stage = new RealTimeStage(new Stack(app, 'Stack'), 'Live');
  const consumer = new Stack(app, 'Consumer');
  new CfnOutput(consumer, 'Server', { value: stage.rtmpsEndpoint });
  expect(Template.fromStack(consumer).findResources(TYPE)).toEqual({});
  Template.fromStack(stage.stack).resourceCountIs(TYPE, 1);
  Template.fromStack(consumer).hasOutput('Server', { Value: { 'Fn::ImportValue': Match.stringLikeRegexp('RtmpsEndpoint') } });
});

test('the drift monitor gets the endpoints of the deployment, which the template of the resource doesn\'t have', () => {
  const { stack, stage } = stackWith();
  new RtcDriftMonitor(stack, 'DriftMonitor', { resources: [stage] });
  void stage.rtmpsEndpoint;
  expect(propertiesOf(stack)).not.toHaveProperty('Deployed');
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::Scheduler::Schedule'));
  const fill = (value: any): string => (typeof value === 'string' ? value : value['Fn::Join'] ? value['Fn::Join'][1].map(fill).join('') : value.Ref ?? value['Fn::GetAtt'].join('.'));
  const [resource] = JSON.parse(fill(Properties.Target.Input)).Resources;
  const id = resource.LogicalResourceId;
  expect(resource).toMatchObject({
    ResourceType: TYPE,
    ResourceProperties: {
      Deployed: { EventsEndpoint: `${id}.EventsEndpoint`, WhipEndpoint: `${id}.WhipEndpoint`, RtmpEndpoint: `${id}.RtmpEndpoint`, RtmpsEndpoint: `${id}.RtmpsEndpoint` },
    },
  });
});

test('the deletion policy of the stage is not that of its endpoints', () => {
  const { stack, stage } = stackWith({ removalPolicy: 'retain' as never });
  void stage.rtmpsEndpoint;
  expect(propertiesOf(stack)).not.toHaveProperty('Retain');
});
