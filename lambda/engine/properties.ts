import * as v from 'valibot';
import { TerminalError } from './error-classes';
import type { TagProperty } from '../../src/private/contract';

/** CloudFormation delivers every leaf as a string. */
export const booleanProperty = v.pipe(v.picklist(['true', 'false']), v.transform((value) => value === 'true'));

export const integerProperty = v.pipe(v.string(), v.regex(/^-?\d+$/), v.transform(Number));

export const tagsProperty = v.array(v.strictObject({ Key: v.string(), Value: v.string() }));

/** The entries of a schema that accepts exactly the properties of a contract, apart from the nonce, which `ownProperties` leaves out. */
export type SchemaEntries<Properties> = {
  [Name in Exclude<keyof Properties, 'ForceUpdateNonce'>]-?: v.GenericSchema<unknown, Properties[Name]>;
};

/**
 * The properties that the resource type declares itself. The others are for CloudFormation, and `ForceUpdateNonce` has done its work once CloudFormation
 * sends an update: every update compares everything.
 */
export function ownProperties({ ServiceToken, ServiceTimeout, ForceUpdateNonce, ...properties }: Record<string, unknown>): Record<string, unknown> {
  return properties;
}

/** Strict, for the desired state: an unknown property would silently have no effect. */
export function parseProperties<const S extends v.GenericSchema>(schema: S, properties: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, properties);
  if (result.success) return result.output;
  throw new TerminalError(result.issues.map((issue) => `${v.getDotPath(issue) ?? 'properties'}: ${issue.message}`).join('\n  '));
}

/** Fails the operation with all findings in one message. */
export function throwIfInvalid(findings: readonly string[]): void {
  if (findings.length > 0) throw new TerminalError(findings.join('\n  '));
}

/** Lenient, for what another version of this library may have written. */
export function stringProperty(properties: Record<string, unknown>, name: string): string | undefined {
  const value = properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Pure: tags as most services take them. */
export function tagList(tags: Record<string, string>): TagProperty[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Pure: tags as most services return them. */
export function tagRecord(tags: readonly { readonly Key?: string; readonly Value?: string }[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key!, Value!]));
}
