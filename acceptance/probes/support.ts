import type { Finding, ProbeContext } from '../fact';

/** An error with which AWS answered a request. */
export interface Refusal {
  readonly name: string;
  readonly message: string;
}

export type Answer<T> = { readonly value: T; readonly refusal?: undefined } | { readonly value?: undefined; readonly refusal: Refusal };

interface ServiceError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** ClientLimitExceededException is the throttle of Kinesis Video Streams, which the SDK doesn't retry. */
const THROTTLES = ['ClientLimitExceededException', 'Throttling', 'ThrottlingException', 'ThrottledClientException', 'TooManyRequestsException'];
const DENIALS = ['AccessDenied', 'AccessDeniedException', 'ForbiddenException', 'NotAuthorizedException', 'UnauthorizedClientException', 'UnauthorizedException'];
const SESSIONS = ['ExpiredToken', 'ExpiredTokenException', 'InvalidClientTokenId', 'InvalidSignatureException', 'UnrecognizedClientException'];
const NOT_FOUND = ['NotFoundException', 'ResourceNotFoundException'];

const RETRIES_OF_A_THROTTLE = 10;

/** Seconds in which a deletion must succeed, and for which a new resource may be missing in reads. */
const DELETION_TIME = 60;
const READ_LAG = 10;

/** Seconds in which the permissions of a new role become valid. */
const PROPAGATION_TIME = 60;

/** The name of the only resource of its kind that the probe of a fact creates. */
export function nameOf({ namePrefix }: ProbeContext, fact: string): string {
  return `${namePrefix}-${fact.toLowerCase()}`;
}

/** @param isAsAssumed undefined: the calls don't answer the question */
export function finding(context: ProbeContext, isAsAssumed: boolean | undefined, observed: string): Finding {
  const verdict = isAsAssumed === undefined ? 'inconclusive' : isAsAssumed ? 'confirmed' : 'refuted';
  return { verdict, observed, evidence: context.calls() };
}

/** For example: 1 user, 2 users. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The value of a call. A throttled call is repeated. */
export async function ask<T>(context: ProbeContext, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!THROTTLES.includes((error as Error).name) || attempt > RETRIES_OF_A_THROTTLE) throw error;
      await context.wait(1);
    }
  }
}

/** The value of a call, or the error with which the service refused it. A denial, an expired session, or a failure of the service is no answer. */
export async function answerOf<T>(context: ProbeContext, call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await ask(context, call) };
  } catch (error) {
    return { refusal: refusalOf(error, (name) => ![...DENIALS, ...SESSIONS, ...THROTTLES].includes(name)) };
  }
}

/** The denial of a call; undefined if the call is allowed. Any other error is no answer. */
export async function denialOf(context: ProbeContext, call: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await ask(context, call);
    return undefined;
  } catch (error) {
    return refusalOf(error, (name) => DENIALS.includes(name));
  }
}

/** The denial of a call that a new role is expected to be allowed: a permission is valid after some seconds. Undefined: the call is allowed. */
export function denialAfterPropagation(context: ProbeContext, call: () => Promise<unknown>): Promise<Refusal | undefined> {
  return readUntil(context, PROPAGATION_TIME, () => denialOf(context, call), (denial) => denial === undefined);
}

/** Throws if a new role doesn't get its permissions: a later denial would then say nothing about the permission that the role lacks. */
export async function untilPermitted(context: ProbeContext, call: () => Promise<unknown>): Promise<void> {
  const denial = await denialAfterPropagation(context, call);
  if (denial) throw new Error(`The role has no permissions after ${PROPAGATION_TIME} seconds: ${denial.name}.`);
}

function refusalOf(error: unknown, isAnswer: (name: string) => boolean): Refusal {
  const { name, message, $metadata } = error as ServiceError;
  const status = $metadata?.httpStatusCode ?? 0;
  if (status < 400 || status >= 500 || !isAnswer(name)) throw error;
  return { name, message };
}

/** For a refusal that is no answer to the question. */
export function asError({ name, message }: Refusal): Error {
  return Object.assign(new Error(message), { name });
}

export function isNotFound(refusal: Refusal | undefined): boolean {
  return refusal !== undefined && NOT_FOUND.includes(refusal.name);
}

/** The resource that a denial names, without its account and region. Undefined: the denial names none. */
export function deniedResource({ message }: Refusal): string | undefined {
  const resource = /on resource: (\S+)/.exec(message)?.[1];
  return resource?.startsWith('arn:') ? resource.split(':').slice(5).join(':') : resource;
}

/** Reads once per second until the value is as expected. @returns the last value */
export async function readUntil<T>(
  context: ProbeContext, seconds: number, read: () => Promise<T>, isExpected: (value: T) => boolean,
): Promise<T> {
  for (let elapsed = 0; ; elapsed += 1) {
    const value = await read();
    if (isExpected(value) || elapsed >= seconds) return value;
    await context.wait(1);
  }
}

/** Resources that a probe creates, found by the name that they get. */
export interface Created {
  /** For example: signaling channel. */
  readonly kind: string;
  readonly name: string;
  /** False: `find` knows every resource, so an empty result isn't a stale read. Default: true. */
  readonly isListed?: boolean;
  /** Finds the resources by their name: the response of the creation may be lost. */
  find(): Promise<readonly string[]>;
  delete(id: string): Promise<unknown>;
}

/**
 * Creates and uses resources, and deletes them. If the deletion fails or the probe is interrupted, the cleanup of the run repeats the deletion.
 */
export async function using<T>(context: ProbeContext, created: Created, work: () => Promise<T>): Promise<T> {
  const { kind, name, isListed = true, find, delete: deleteOne } = created;
  let isDeleted = false;
  const deletion = async () => {
    if (isDeleted) return;
    await readUntil(context, isListed ? READ_LAG : 0, find, (found) => found.length > 0);
    await deleteEventually(context, { find, delete: deleteOne });
    isDeleted = true;
  };
  context.onCleanup(`${kind} ${name}`, deletion);
  try {
    return await work();
  } finally {
    await deletion().catch(() => undefined);
  }
}

/** Deletes until nothing is found. A resource refuses its deletion while it is being created or changed, some with the error for a missing resource. */
async function deleteEventually(context: ProbeContext, { find, delete: deleteOne }: Pick<Created, 'delete' | 'find'>): Promise<void> {
  const attempt = async () => {
    let failure: Error | undefined;
    for (const id of await find()) await deleteOne(id).catch((error: Error) => { failure = error; });
    return { left: await find(), failure };
  };
  const isEnd = ({ left, failure }: Awaited<ReturnType<typeof attempt>>) => left.length === 0 || SESSIONS.includes(failure?.name ?? '');
  const { left, failure } = await readUntil(context, DELETION_TIME, attempt, isEnd);
  if (left.length > 0) throw failure ?? new Error(`${left.length} resources still exist after their deletion.`);
}
