import * as v from 'valibot';
import type { ToyService } from './toy-service';
import type { Properties, Request } from '../../lambda/engine/lifecycle';
import type { DesiredSetting, ParentSetting } from '../../lambda/engine/parent-setting';
import { booleanProperty, integerProperty, parseProperties } from '../../lambda/engine/properties';

export interface Dimmer {
  readonly level: number;
  readonly note?: string;
}

const schema = v.strictObject({
  LampArn: v.string(),
  Level: integerProperty,
  Note: v.optional(v.string()),
  AdoptExisting: v.optional(booleanProperty, 'false'),
  Retain: v.optional(booleanProperty, 'false'),
});

function toDesired({ LampArn, Level, Note, AdoptExisting, Retain }: v.InferOutput<typeof schema>): DesiredSetting<Dimmer> {
  return { parentArn: LampArn, document: { level: Level, note: Note }, adoptExisting: AdoptExisting, retain: Retain };
}

/** The dimmer of a lamp: the example of a setting on a parent. */
export function toyDimmer(service: ToyService): ParentSetting<Dimmer> {
  return {
    noun: 'dimmer',
    parent: { noun: 'lamp', option: 'lamp', property: 'LampArn' },
    adoption: { option: 'adoptExisting', advice: 'delete it there, or set adoptExisting to replace it' },
    errorClasses: { NotFound: 'gone', Busy: 'busy', Refused: 'terminal' },
    tagKeys: { owner: 'toy:dimmer', former: 'toy:dimmer-before' },
    optionalMembers: ['note'],
    regionOf: (arn) => /^arn:aws:toy:([^:]+):/.exec(arn)?.[1],
    untagCommand: (arn) => `toy untag ${arn}`,
    parse: ({ properties }: Request) => toDesired(parseProperties(schema, properties)),
    parseAny: (properties: Properties) => {
      const parsed = v.safeParse(v.object(schema.entries), properties);
      return parsed.success ? toDesired(parsed.output) : undefined;
    },
    toProperties: ({ level, note }) => ({ Level: level, Note: note }),
    attributes: (arn) => ({ LampArn: arn }),
    connect: (arn) => ({
      get: () => service.call('get', () => service.dimmers.get(arn)),
      put: (document) => service.call('put', () => service.dimmers.set(arn, document).get(arn)),
      clear: () => service.call('clear', () => { service.dimmers.delete(arn); }),
      tags: {
        list: async () => service.lamps.get(arn)?.tags,
        set: (tags) => service.call('tag', () => { Object.assign(service.lamps.get(arn)!.tags, tags); }),
        delete: (keys) => service.call('untag', () => keys.forEach((key) => { delete service.lamps.get(arn)!.tags[key]; })),
      },
    }),
  };
}
