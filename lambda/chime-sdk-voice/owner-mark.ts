import { type Creation, type Owner } from '../engine/ownership';

/**
 * The owner mark of a phone number. Phone numbers have no tags, so the mark is the last word of the number's name:
 * `cdk-rtc.RESOURCE.REQUEST.CREATE-ONLY`, each as a hash, and the flags. Its form is permanent, because deployed numbers have it.
 */
export interface OwnerMark extends Creation {
  readonly resource: string;
  /** The number was in the inventory before the resource, so a Delete leaves it there. */
  readonly adopted: boolean;
}

export interface MarkedName {
  /** The name without the owner mark. */
  readonly words?: string;
  readonly mark?: OwnerMark;
}

const MARK = /^(?:(.*\S)\s+)?cdk-rtc\.([0-9a-f]{16})\.([0-9a-f]{8})\.([0-9a-f]{8})(\.adopted)?(\.retained)?$/;

/** The longest name that the service accepts. */
const LONGEST_NAME = 256;

/** Pure: the name of a phone number, taken apart. */
export function readName(name = ''): MarkedName {
  const [, words, resource, request, createOnlyHash, adopted, retained] = MARK.exec(name) ?? [];
  if (resource === undefined) return name === '' ? {} : { words: name };
  return {
    words,
    mark: { resource, request: request!, createOnlyHash: createOnlyHash!, adopted: adopted !== undefined, retained: retained !== undefined },
  };
}

/** Pure: the name with its owner mark. */
export function writeName({ words, mark }: MarkedName): string {
  if (!mark) return words ?? '';
  const { resource, request, createOnlyHash, adopted, retained } = mark;
  const text = ['cdk-rtc', resource, request, createOnlyHash, ...adopted ? ['adopted'] : [], ...retained ? ['retained'] : []].join('.');
  const shortened = words?.slice(0, LONGEST_NAME - text.length - 1).trimEnd();
  return shortened ? `${shortened} ${text}` : text;
}

/** Pure: whether the mark names this resource, another one, or none. */
export function ownerOfMark(mark: OwnerMark | undefined, { resource }: Owner): 'self' | 'other' | 'unowned' {
  if (!mark) return 'unowned';
  return mark.resource === resource ? 'self' : 'other';
}
