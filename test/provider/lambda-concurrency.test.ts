import { App, CfnCondition, CfnOutput, CfnResource, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { RtcProvider, SignalingChannel, VoiceConnector, VoiceConnectorStreaming } from '../../src';

type Resources = Record<string, { Type: string; Condition?: string; DependsOn?: string[]; Metadata?: Record<string, unknown>; Properties: any }>;

const resourcesOf = (template: Template) => template.toJSON().Resources as Resources;
const channels = (scope: Construct, count: number) => Array.from({ length: count }, (_, index) => (
  new SignalingChannel(scope, `Channel${String(index).padStart(3, '0')}`)
));
const isMember = (type: string) => type.startsWith('Custom::Rtc') || type === 'AWS::CloudFormation::Stack';

/** By construct ID, without the hash: on which other limited resources each of them depends. */
function dependenciesOf(template: Template): Record<string, string[]> {
  const members = Object.entries(resourcesOf(template)).filter(([, { Type }]) => isMember(Type));
  const nameOf = (id: string) => id.replace(/NestedStack.*$/, '').replace(/[0-9A-F]{8}$/, '');
  const names = new Map(members.map(([id]) => [id, nameOf(id)]));
  return Object.fromEntries(members.map(([id, { DependsOn = [] }]) => (
    [nameOf(id), DependsOn.filter((other) => names.has(other)).map((other) => names.get(other)!)]
  )));
}

function synth(build: (stack: Stack) => void, maxConcurrency?: number): Template {
  const stack = new Stack(new App(), 'Stack');
  if (maxConcurrency !== undefined) RtcProvider.configure(stack, { maxConcurrency });
  build(stack);
  return Template.fromStack(stack);
}

describe('chains of resources', () => {
  test('each of several independent resources depends on the resource maxConcurrency places before it', () => {
    expect(dependenciesOf(synth((stack) => channels(stack, 5), 2))).toEqual({
      Channel000: [], Channel001: [], Channel002: ['Channel000'], Channel003: ['Channel001'], Channel004: ['Channel002'],
    });
  });

  test('the limit changes dependencies and the environment of the two functions that invoke handlers, and nothing else', () => {
    const build = (stack: Stack) => void channels(stack, 5);
    const [without, limited] = [synth(build).toJSON(), synth(build, 2).toJSON()];
    for (const [id, resource] of Object.entries(limited.Resources as Resources)) {
      if (isMember(resource.Type)) resource.DependsOn = without.Resources[id].DependsOn;
      delete resource.Properties?.Environment?.Variables.AWS_MAX_ATTEMPTS;
    }
    expect(limited).toEqual(without);
  });

  test('the functions that invoke handlers repeat throttled invocations for longer, with the limit only', () => {
    const patient = (template: Template) => Object.entries(resourcesOf(template))
      .filter(([, { Properties }]) => Properties?.Environment?.Variables.AWS_MAX_ATTEMPTS === '10').map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(patient(synth((stack) => channels(stack, 1), 4))).toEqual(['CdkRtcProviderframeworkonEvent', 'CdkRtcProviderframeworkisComplete']);
    expect(patient(synth((stack) => channels(stack, 1)))).toEqual([]);
  });

  test('they follow references, dependencies between constructs, and resources that are not limited', () => {
    const template = synth((stack) => {
      const [first, , last] = channels(stack, 3);
      new ssm.StringParameter(stack, 'Between', { stringValue: last.signalingChannelArn });
      first.node.addDependency(stack.node.findChild('Between'));
    }, 1);
    expect(dependenciesOf(template)).toEqual({ Channel000: ['Channel002'], Channel001: [], Channel002: ['Channel001'] });
    const ids = Object.keys(resourcesOf(template));
    expect(resourcesOf(template)[ids.find((id) => id.startsWith('Channel000'))!].DependsOn!.map((id) => id.slice(0, 7))).toContain('Between');
  });

  test('different constructs share them', () => {
    expect(dependenciesOf(synth((stack) => {
      new VoiceConnectorStreaming(stack, 'Streaming', { voiceConnector: VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdef1ghij2klmno3pqr4') });
      channels(stack, 1);
    }, 1))).toEqual({ Channel000: [], Streaming: ['Channel000'] });
  });

  test('a reference across stacks makes no dependency in either', () => {
    const app = new App();
    RtcProvider.configure(app, { maxConcurrency: 1 });
    const [exporting, importing] = ['Exporting', 'Importing'].map((id) => new Stack(app, id));
    const stream = new kinesisvideo.CfnStream(exporting, 'Stream', { dataRetentionInHours: 24 });
    channels(exporting, 2);
    new SignalingChannel(importing, 'ChannelA', { mediaStorageStream: stream });
    new SignalingChannel(importing, 'ChannelB');
    expect(dependenciesOf(Template.fromStack(exporting))).toEqual({ Channel000: [], Channel001: ['Channel000'] });
    expect(dependenciesOf(Template.fromStack(importing))).toEqual({ ChannelA: [], ChannelB: ['ChannelA'] });
  });

  test('a template that was rendered, and is rendered again after a change, has the dependencies of the change', () => {
    const stack = new Stack(new App(), 'Stack');
    RtcProvider.configure(stack, { maxConcurrency: 1 });
    channels(stack, 3);
    // The template as it is at this moment, without a synthesis of the app.
    const render = () => dependenciesOf({ toJSON: () => (stack as any)._toCloudFormation() } as Template);
    expect(render()).toEqual({ Channel000: [], Channel001: ['Channel000'], Channel002: ['Channel001'] });
    stack.resolve((stack.node.findChild('Channel001').node.defaultChild as any)._toCloudFormation());
    new SignalingChannel(stack, 'Channel000a');
    expect(render()).toEqual({ Channel000: [], Channel000a: ['Channel000'], Channel001: ['Channel000a'], Channel002: ['Channel001'] });
  });
});

describe('conditions', () => {
  const conditional = (stack: Stack, id: string) => {
    const condition = new CfnCondition(stack, `Has${id}`, { expression: Fn.conditionEquals(Fn.ref('AWS::Region'), 'eu-west-1') });
    const channel = new SignalingChannel(stack, id);
    (channel.node.defaultChild as CfnResource).cfnOptions.condition = condition;
    return channel;
  };

  test('DependsOn names no resource that may not exist; the one behind it refers to it under its condition', () => {
    const template = synth((stack) => {
      new SignalingChannel(stack, 'A');
      conditional(stack, 'B');
      new SignalingChannel(stack, 'C');
    }, 1);
    expect(dependenciesOf(template)).toEqual({ A: [], B: ['A'], C: ['A'] });
    const [[b], [, c]] = ['B', 'C'].map((name) => Object.entries(resourcesOf(template)).find(([id]) => id.length === name.length + 8 && id.startsWith(name))!);
    expect(c.Metadata!['cdk-rtc:after']).toEqual([{ 'Fn::If': ['HasB', { Ref: b }, ''] }]);
  });
});

describe('nested stacks', () => {
  const nested = (scope: Construct, id: string, count: number) => {
    const stack = new NestedStack(scope, id);
    channels(stack, count);
    return stack;
  };

  test('a nested stack occupies one chain per resource in it, and its own resources are limited, too', () => {
    const stack = new Stack(new App(), 'Stack');
    RtcProvider.configure(stack, { maxConcurrency: 2 });
    const [, large] = [nested(stack, 'NestedA', 1), nested(stack, 'NestedB', 3)];
    channels(stack, 1);
    // The nested stacks depend on nothing, so they come first; NestedB occupies both chains.
    expect(dependenciesOf(Template.fromStack(stack))).toEqual({ NestedA: [], NestedB: ['NestedA'], Channel000: ['NestedB'] });
    expect(dependenciesOf(Template.fromStack(large))).toEqual({ Channel000: [], Channel001: [], Channel002: ['Channel000'] });
  });

  test('so does one that has only nested stacks with such resources', () => {
    const stack = new Stack(new App(), 'Stack');
    RtcProvider.configure(stack, { maxConcurrency: 1 });
    nested(new NestedStack(stack, 'Outer'), 'Inner', 1);
    channels(stack, 1);
    expect(dependenciesOf(Template.fromStack(stack))).toEqual({ Outer: [], Channel000: ['Outer'] });
  });

  test('references between nested stacks come first', () => {
    const stack = new Stack(new App(), 'Stack');
    RtcProvider.configure(stack, { maxConcurrency: 1 });
    const [early, late] = [nested(stack, 'NestedZ', 1), nested(stack, 'NestedA', 1)];
    const channel = early.node.findChild('Channel000') as SignalingChannel;
    new ssm.StringParameter(late, 'Reference', { stringValue: channel.signalingChannelArn });
    new CfnOutput(stack, 'Output', { value: channel.signalingChannelArn });
    expect(dependenciesOf(Template.fromStack(stack))).toEqual({ NestedZ: [], NestedA: [] });
    expect(Object.values(resourcesOf(Template.fromStack(stack))).filter(({ Properties }) => JSON.stringify(Properties?.Parameters ?? '').includes('Outputs.'))).toHaveLength(1);
  });
});

describe('the option', () => {
  test.each([0, -1, 1.5, NaN])('refuses %d', (maxConcurrency) => {
    expect(() => RtcProvider.configure(new Stack(), { maxConcurrency }))
      .toThrow(`maxConcurrency: must be a whole number of 1 or more, got ${maxConcurrency}; use 4 for a quota of 10`);
  });

  test('refuses what is known only at deployment', () => {
    expect(() => RtcProvider.configure(new Stack(), { maxConcurrency: Fn.ref('Parameter') as never })).toThrow('got a value that is known only at deployment');
  });
});

describe('note', () => {
  const NOTE = Match.stringLikeRegexp('more than 5 resources of cdk-rtc.*RtcProvider.configure\\(scope, \\{ maxConcurrency: 4 \\}\\)');
  const noted = (build: (stack: Stack) => void, maxConcurrency?: number) => {
    const stack = new Stack(new App(), 'Stack');
    if (maxConcurrency !== undefined) RtcProvider.configure(stack, { maxConcurrency });
    build(stack);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    return Annotations.fromStack(stack).findInfo('/Stack', NOTE).length;
  };

  test('once, for more resources than a quota of 10 serves at the same time', () => {
    expect(noted((stack) => channels(stack, 5))).toBe(0);
    expect(noted((stack) => channels(stack, 6))).toBe(1);
    expect(noted((stack) => channels(stack, 40))).toBe(1);
  });

  test('counts those of nested stacks', () => {
    expect(noted((stack) => { for (const id of ['A', 'B']) channels(new NestedStack(stack, id), 3); })).toBe(1);
  });

  test('not where the option is set', () => {
    expect(noted((stack) => channels(stack, 40), 20)).toBe(0);
  });

  test('each stack of a stage for itself', () => {
    const stage = new Stage(new App(), 'Stage');
    const stacks = ['One', 'Two'].map((id) => new Stack(stage, id));
    for (const stack of stacks) channels(stack, 4);
    for (const stack of stacks) expect(Annotations.fromStack(stack).findInfo('*', NOTE)).toEqual([]);
  });
});
