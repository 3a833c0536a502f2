import { App, type CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { withoutTemplateValidation } from './template-validation';
import { SignalingChannel } from '../src';

const ON_EVENT = 'Stack/CdkRtc/Provider/framework-onEvent/Resource';
const POLICY = 'Stack/CdkRtc/SignalingChannelPolicy/Resource';

function appWith(channels: number): App {
  const app = new App();
  Validations.of(app).addPlugins(withoutTemplateValidation);
  const stack = new Stack(app, 'Stack');
  for (let index = 0; index < channels; index += 1) new SignalingChannel(stack, `Channel${index}`);
  return app;
}

function resourcesOf(app: App): Record<string, { Type: string; DependsOn?: string[]; Properties: { ServiceToken?: unknown } }> {
  return app.synth({ force: true }).getStackByName('Stack').template.Resources;
}

function resource(app: App, path: string): CfnResource {
  return app.node.findAll().find(({ node }) => node.path === path) as CfnResource;
}

test.each([
  ['overridden', (element: CfnResource, id: string) => element.overrideLogicalId(id)],
  ['renamed', (element: CfnResource, id: string) => element.stack.renameLogicalId(element.stack.getLogicalId(element), id)],
])('a logical id that is %s between two syntheses is the new one wherever it stands', (_, change) => {
  const app = appWith(2);
  const before = resourcesOf(app);
  expect(Object.values(before).filter(({ Type }) => Type === 'Custom::RtcSignalingChannel')).toHaveLength(2);
  change(resource(app, 'Stack/Channel1/Resource'), 'NewChannel');
  change(resource(app, POLICY), 'NewPolicy');
  change(resource(app, ON_EVENT), 'NewFunction');
  const after = resourcesOf(app);
  const channels = Object.entries(after).filter(([, { Type }]) => Type === 'Custom::RtcSignalingChannel');
  expect(channels.map(([id]) => id)).toContain('NewChannel');
  expect(Object.keys(after)).toEqual(expect.arrayContaining(['NewPolicy', 'NewFunction']));
  for (const [, { DependsOn, Properties }] of channels) {
    expect(DependsOn).toEqual(['NewPolicy']);
    expect(Properties.ServiceToken).toEqual({ 'Fn::GetAtt': ['NewFunction', 'Arn'] });
  }
});
