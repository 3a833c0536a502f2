import * as v from 'valibot';
import type { Properties, Request } from './lifecycle';
import type { DesiredSetting } from './parent-setting';
import { booleanProperty, parseProperties, throwIfInvalid } from './properties';
import type { KnownEnvironment } from '../../src/private/known';

/** The schema entries of the properties that every setting has, besides its parent. */
export const SETTING_ENTRIES = {
  AdoptExisting: v.optional(booleanProperty, 'false'),
  Retain: v.optional(booleanProperty, 'false'),
};

/** What a user does about a setting that exists already. */
export const ADOPTION = { option: 'adoptExisting', advice: 'remove it there, or set adoptExisting to replace it' } as const;

export interface SettingProperties<Parsed, Desired> {
  readonly schema: v.GenericSchema<unknown, Parsed> & { readonly entries: v.ObjectEntries };
  readonly validate: (parsed: NoInfer<Parsed>, environment: KnownEnvironment) => string[];
  readonly toDesired: (parsed: NoInfer<Parsed>) => Desired;
  readonly regionOf: (parentArn: string) => string | undefined;
}

/** The members of a declaration that follow from the schema of its properties. */
export function settingParsers<Parsed, Desired extends Pick<DesiredSetting<object>, 'parentArn'>>(
  { schema, validate, toDesired, regionOf }: SettingProperties<Parsed, Desired>,
) {
  return {
    parse: ({ properties, account }: Request): Desired => {
      const parsed = parseProperties(schema, properties);
      const desired = toDesired(parsed);
      throwIfInvalid(validate(parsed, { region: regionOf(desired.parentArn), account }));
      return desired;
    },
    parseAny: (properties: Properties): Desired | undefined => {
      const parsed = v.safeParse(v.object(schema.entries), properties);
      return parsed.success ? toDesired(parsed.output as Parsed) : undefined;
    },
  };
}
