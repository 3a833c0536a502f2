import * as fc from 'fast-check';
import { asServiceModel, Member, ServiceModel, Shape } from '../../../local/emulator/model';
import meetings from '../../../local/emulator/models/chime-sdk-meetings.json';
import voice from '../../../local/emulator/models/chime-sdk-voice.json';
import chime from '../../../local/emulator/models/chime.json';
import ivs from '../../../local/emulator/models/ivs-realtime.json';
import kinesisvideo from '../../../local/emulator/models/kinesisvideo.json';
import { anchored, validate, validationMessage } from '../../../local/emulator/validation';

const kvs = asServiceModel(kinesisvideo);
const models = [kvs, asServiceModel(ivs), asServiceModel(voice), asServiceModel(meetings), asServiceModel(chime)];

const findings = (value: unknown, shape = 'CreateSignalingChannelInput', model = kvs) => validate(model, shape, value);

describe('the words', () => {
  test.each([
    [{}, "Value at 'channelName' failed to satisfy constraint: Member must not be null"],
    [{ ChannelName: null }, "Value at 'channelName' failed to satisfy constraint: Member must not be null"],
    [{ ChannelName: '' }, "Value '' at 'channelName' failed to satisfy constraint: Member must have length greater than or equal to 1"],
    [{ ChannelName: 'a', Colour: 'red' }, "Value at 'colour' failed to satisfy constraint: Member is unknown"],
    [{ ChannelName: 7 }, "Value '7' at 'channelName' failed to satisfy constraint: Member must be of type string"],
    [{ ChannelName: 'a b' }, "Value 'a b' at 'channelName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"],
    [{ ChannelName: 'a', ChannelType: 'X' },
      "Value 'X' at 'channelType' failed to satisfy constraint: Member must satisfy enum value set: [SINGLE_MASTER, FULL_MESH]"],
    [{ ChannelName: 'a', SingleMasterConfiguration: { MessageTtlSeconds: 4 } },
      "Value '4' at 'singleMasterConfiguration.messageTtlSeconds' failed to satisfy constraint: Member must have value greater than or equal to 5"],
    [{ ChannelName: 'a', SingleMasterConfiguration: { MessageTtlSeconds: 5.5 } },
      "Value '5.5' at 'singleMasterConfiguration.messageTtlSeconds' failed to satisfy constraint: Member must be of type integer"],
    [{ ChannelName: 'a', SingleMasterConfiguration: [] }, "Value at 'singleMasterConfiguration' failed to satisfy constraint: Member must be of type structure"],
    [{ ChannelName: 'a', Tags: [{ Key: 'k', Value: 'v' }, { Key: 'k' }] },
      "Value at 'tags.2.member.value' failed to satisfy constraint: Member must not be null"],
    [{ ChannelName: 'a', Tags: [null] }, "Value at 'tags.1.member' failed to satisfy constraint: Member must be of type structure"],
  ])('%j', (value, expected) => {
    expect(findings(value)).toContain(expected);
  });

  test('one message counts and joins all', () => {
    expect(validationMessage(['a', 'b'])).toBe('2 validation errors detected: a; b');
  });

  test('a secret is not quoted', () => {
    const token = 'not valid!';
    expect(findings({ ClientRequestToken: token, MediaRegion: 'eu', ExternalMeetingId: 'id' }, 'CreateMeetingRequest', asServiceModel(meetings)).join())
      .not.toContain(token);
  });
});

test('JSON null is an absent member', () => {
  expect(findings({ ChannelName: 'a', ChannelType: null })).toEqual([]);
});

test('a name of Object.prototype is an unknown member', () => {
  expect(findings({ ChannelName: 'a', toString: 'x' })).toHaveLength(1);
});

test('length counts characters, not code units', () => {
  expect(findings({ ResourceARN: 'arn:aws:kinesisvideo:eu-west-1:0:channel/a/1', TagKeyList: ['𝒳'.repeat(128)] }, 'UntagResourceInput')).toEqual([]);
});

test('a pattern that is known to be wrong can be ignored', () => {
  const arn = { resourceArn: 'arn:aws:ivs:us-east-1:000000000000:ingest-configuration/abc' };
  expect(findings(arn, 'ListTagsForResourceRequest', asServiceModel(ivs))).toHaveLength(1);
  expect(validate(asServiceModel(ivs), 'ListTagsForResourceRequest', arn, { ignoredPatterns: ['ResourceArn'] })).toEqual([]);
});

test.each(models.map(model => [model.metadata.serviceId, model] as const))('every pattern of %s can be used', (_, model) => {
  for (const { pattern } of Object.values(model.shapes)) {
    if (pattern !== undefined) expect(() => anchored(pattern)).not.toThrow();
  }
});

describe('properties', () => {
  const inputs = Object.values(kvs.operations).map(({ input }) => input!.shape);

  test.each(inputs)('%s: input generated from the model is valid', shape => {
    fc.assert(fc.property(valid(kvs, { shape }), value => {
      expect(validate(kvs, shape, value)).toEqual([]);
    }));
  });

  test.each(inputs)('%s: input with one error is invalid', shape => {
    fc.assert(fc.property(valid(kvs, { shape }), fc.nat(), (value, choice) => {
      const wrong = mutations(kvs, { shape }, value);
      fc.pre(wrong.length > 0);
      expect(validate(kvs, shape, wrong[choice % wrong.length])).not.toEqual([]);
    }));
  });

  test.each(inputs)('%s: no input makes the validation itself fail', shape => {
    fc.assert(fc.property(fc.anything(), value => {
      expect(Array.isArray(validate(kvs, shape, value))).toBe(true);
    }));
  });
});

/** Values that keep to all rules of a shape. */
function valid(model: ServiceModel, { shape: name }: Member): fc.Arbitrary<unknown> {
  const shape = model.shapes[name];
  const size = { minLength: shape.min ?? 0, maxLength: Math.min(shape.max ?? 5, (shape.min ?? 0) + 5) };
  switch (shape.type) {
    case 'structure': return fc.record(
      Object.fromEntries(Object.entries(shape.members!).map(([member, target]) => [member, valid(model, target)])),
      { requiredKeys: shape.required ?? [] },
    );
    case 'list': return fc.array(valid(model, shape.member!), size);
    case 'map': return fc.dictionary(valid(model, shape.key!) as fc.Arbitrary<string>, valid(model, shape.value!), { minKeys: size.minLength, maxKeys: size.maxLength });
    case 'integer': return fc.integer({ min: shape.min ?? 0, max: shape.max ?? 100 });
    default: return validString(shape, size);
  }
}

function validString(shape: Shape, size: { minLength: number; maxLength: number }): fc.Arbitrary<string> {
  if (shape.enum) return fc.constantFrom(...shape.enum);
  if (shape.pattern?.includes('\\p{')) return fc.string({ unit: fc.constantFrom(...'aZ09 äß漢字_.:/=+-@'), ...size });
  if (!shape.pattern) return fc.string(size);
  return fc.stringMatching(anchored(shape.pattern))
    .filter(text => text.length >= (shape.min ?? 0) && text.length <= (shape.max ?? Infinity));
}

/** The value with one thing made wrong, in every way that the shape has a rule against. */
function mutations(model: ServiceModel, { shape: name }: Member, value: unknown): unknown[] {
  const shape = model.shapes[name];
  switch (shape.type) {
    case 'structure': {
      const given = value as Record<string, unknown>;
      return [
        'text', [given], { ...given, Unknown: 1 },
        ...(shape.required ?? []).map(member => ({ ...given, [member]: undefined })),
        ...Object.keys(given).flatMap(member =>
          mutations(model, shape.members![member], given[member]).map(wrong => ({ ...given, [member]: wrong }))),
      ];
    }
    case 'list': {
      const given = value as unknown[];
      return [
        'text', { ...given },
        ...shape.min ? [[]] : [],
        ...shape.max !== undefined && given.length > 0 ? [Array(shape.max + 1).fill(given[0])] : [],
        ...given.flatMap((item, i) => mutations(model, shape.member!, item).map(wrong => given.map((other, j) => j === i ? wrong : other))),
      ];
    }
    case 'map': {
      const given = value as Record<string, unknown>;
      return [
        'text', [given],
        ...shape.min ? [{}] : [],
        ...Object.entries(given).flatMap(([key, item]) => [
          ...mutations(model, shape.value!, item).map(wrong => ({ ...given, [key]: wrong })),
          ...mutations(model, shape.key!, key).filter(wrong => typeof wrong === 'string').map(wrong => ({ ...given, [wrong as string]: item })),
        ]),
      ];
    }
    case 'integer': return [
      String(value), 0.5, true,
      ...shape.min !== undefined ? [shape.min - 1] : [],
      ...shape.max !== undefined ? [shape.max + 1] : [],
    ];
    default: return [
      1, [value],
      ...shape.enum ? [`${String(value)}x`] : [],
      ...shape.min ? [''] : [],
      ...shape.max !== undefined ? ['a'.repeat(shape.max + 1)] : [],
      // Some patterns accept almost everything.
      ...shape.pattern !== undefined ? [`${String(value)}#`, `#${String(value)}`, `${String(value)}\n`].filter(text => !anchored(shape.pattern!).test(text)) : [],
    ];
  }
}
