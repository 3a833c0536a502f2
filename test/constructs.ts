import * as library from '../src';
import { CHIME_MEETING_POOL_RESOURCE_TYPE } from '../src/chime-sdk-meetings/private/meeting-pool-contract';
import * as voice from '../src/chime-sdk-voice/private/resource-types';
import * as ivs from '../src/ivs/private/resource-types';
import * as kinesisvideo from '../src/kinesisvideo/private/resource-types';

/* What the library has. Each test with a list of its own compares its list with these, so that a new construct can't be forgotten. */

/** The names of the classes that create resources. */
export const CONSTRUCTS: string[] = Object.entries(library).filter(([, value]) => typeof value === 'function' && 'PROPERTY_INJECTION_ID' in value)
  .map(([name]) => name).sort();

/** The names in the namespace `mixins`. */
export const MIXINS: string[] = Object.keys(library.mixins).sort();

/** The types of the custom resources. */
export const RESOURCE_TYPES: string[] = [...[voice, ivs, kinesisvideo].flatMap((types) => Object.values(types)), CHIME_MEETING_POOL_RESOURCE_TYPE]
  .filter((type) => type.startsWith('Custom::')).sort();

/** Whether a value is the construct of this name. */
export function isConstruct(name: string, value: unknown): boolean {
  return (library as unknown as Record<string, Record<string, (x: unknown) => boolean>>)[name][`is${name}`](value);
}
