import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { SUBJECTS } from '../../acceptance/cases';
import { type PropertyCases, type Subject, type Variant, VARIANTS } from '../../acceptance/cases/subject';
import { type Round, ROUNDS } from '../../acceptance/rounds';

/* Each property of each construct changes in a round of an acceptance run, or the case says why not. The compiler checks that no property is missing. */

/** IDs of resources that another stack adopts. */
const EXISTING: Record<string, string> = {
  SignalingChannel: 'arn:aws:kinesisvideo:us-east-1:123456789012:channel/Run-front-door/1',
  VoiceConnector: 'arn:aws:chime:us-east-1:123456789012:vc/abcdef1ghij2klmno3pqr4',
  PhoneNumber: '+12065550100',
};

const VARIANT_OF: Partial<Record<Round, Variant>> = { update: 'updated', replacement: 'replaced', rename: 'renamed', retain: 'retained' };

/** The scopes of all subjects, because the drift monitor monitors another one. */
function inVariant({ id }: Subject, { props }: PropertyCases<any>, variant: Variant): Record<string, unknown> {
  const stack = new Stack(new App(), 'Stack');
  const scopes = SUBJECTS.map((subject) => new Construct(stack, subject.id));
  return props(scopes.find(({ node }) => node.id === id)!, variant, 'Run');
}

/** Equal texts: no difference between the values. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, member) => {
    if (member instanceof Duration) return member.toIsoString();
    return Construct.isConstruct(member) ? member.node.path : member;
  }) ?? 'undefined';
}

/** The version before, which the round updates. */
function before(variant: Variant, { expected }: Subject): Variant {
  const earlier = VARIANTS.slice(0, VARIANTS.indexOf(variant)).filter((each) => expected(each, 'Run'));
  return earlier.at(-1)!;
}

const all = SUBJECTS.flatMap((subject) => subject.properties.flatMap((properties) => (
  Object.entries(properties.cases).map(([property, propertyCase]) => ({ subject, properties, property, propertyCase, name: `${properties.construct}.${property}` }))
)));
const changing = all.filter(({ propertyCase }) => typeof propertyCase === 'string');

test.each(changing)('$name changes in the round of the case', ({ subject, properties, property, propertyCase }) => {
  expect(ROUNDS).toContain(propertyCase);
  const variant = VARIANT_OF[propertyCase as Round];
  if (!variant) {
    expect(propertyCase).toBe('adopt');
    const stack = new Stack(new App(), 'Adopting');
    subject.adoption!.build(new Construct(stack, subject.id), { id: EXISTING[subject.construct], namePrefix: 'Run', outputs: {} });
    const adopting = Object.values(Template.fromStack(stack).findResources(`Custom::Rtc${properties.construct}`)).map(({ Properties }) => Properties);
    expect(adopting).toEqual([expect.objectContaining(properties.construct === 'VoiceConnectorStreaming' ? { ExistingConfiguration: 'OVERWRITE' } : { AdoptExisting: true })]);
    return;
  }
  expect(subject.expected(variant, 'Run')).toBeDefined();
  const [former, current] = [before(variant, subject), variant].map((each) => textOf(inVariant(subject, properties, each)[property]));
  expect(current).not.toBe(former);
});

test('a property without a round has a reason, and no version changes it', () => {
  const unchanged = all.filter(({ propertyCase }) => typeof propertyCase !== 'string');
  expect(unchanged.filter(({ propertyCase }) => !/\.$/.test((propertyCase as { unchanged: string }).unchanged)).map(({ name }) => name)).toEqual([]);
  const changed = unchanged.filter(({ subject, properties, property }) => (
    new Set(VARIANTS.filter((variant) => subject.expected(variant, 'Run')).map((variant) => textOf(inVariant(subject, properties, variant)[property]))).size > 1
  ));
  expect(changed.map(({ name }) => name)).toEqual([]);
});

test('a resource that a version retains can be deleted by the run', () => {
  const retained = SUBJECTS.filter(({ expected }) => expected('retained', 'Run'));
  expect(retained.map(({ construct }) => construct)).toEqual(['SignalingChannel', 'VideoStream', 'VoiceConnector', 'IngestConfiguration', 'RealTimeStage', 'PhoneNumber']);
  expect(retained.filter(({ deleteRetained }) => !deleteRetained)).toEqual([]);
});
