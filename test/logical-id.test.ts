import { App, type CfnElement, type CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { withoutTemplateValidation } from './template-validation';
import { SignalingChannel } from '../src';

/** A stack that counts how often core derives the logical id of what. */
class CountingStack extends Stack {
  public readonly derived: Record<string, number> = {};

  protected override allocateLogicalId(element: CfnElement): string {
    this.derived[element.node.path] = (this.derived[element.node.path] ?? 0) + 1;
    return super.allocateLogicalId(element);
  }
}

const ON_EVENT = 'Stack/CdkRtc/Provider/framework-onEvent/Resource';
const POLICY = 'Stack/CdkRtc/SignalingChannelPolicy/Resource';

function stackWith(channels: number): { app: App; stack: CountingStack } {
  const app = new App();
  Validations.of(app).addPlugins(withoutTemplateValidation);
  const stack = new CountingStack(app, 'Stack');
  for (let index = 0; index < channels; index += 1) new SignalingChannel(stack, `Channel${index}`);
  return { app, stack };
}

function resourcesOf(app: App): Record<string, { Type: string; DependsOn?: string[]; Properties: { ServiceToken?: unknown } }> {
  return app.synth({ force: true }).getStackByName('Stack').template.Resources;
}

function resource(app: App, path: string): CfnResource {
  return app.node.findAll().find(({ node }) => node.path === path) as CfnResource;
}

test('the logical ids to which every channel refers are derived no more often for many channels than for one', () => {
  const [one, many] = [1, 20].map((channels) => {
    const { app, stack } = stackWith(channels);
    app.synth();
    return stack.derived;
  });
  expect(many[ON_EVENT]).toBe(one[ON_EVENT]);
  expect(many[POLICY]).toBe(one[POLICY]);
  expect(many['Stack/Channel7/Resource']).toBeLessThanOrEqual(2);
});

test.each([
  ['overridden', (element: CfnResource, id: string) => element.overrideLogicalId(id)],
  ['renamed', (element: CfnResource, id: string) => element.stack.renameLogicalId(element.stack.getLogicalId(element), id)],
])('a logical id that is %s between two syntheses is the new one wherever it stands', (_, change) => {
  const { app } = stackWith(2);
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
