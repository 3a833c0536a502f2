import { Member, ServiceModel, shapeOf } from './model';

/** One call as the emulator saw it. */
export interface CallRecord {
  readonly id: number;
  readonly time: number;
  readonly service: string;
  operation: string;
  region?: string;
  account?: string;
  accessKeyId?: string;
  principal?: string;
  /** Whether the role of the principal was deleted before the call. */
  isRoleDeleted?: boolean;
  /** Root of the trace that the caller belongs to: in a Lambda function the SDK sends that of its invocation. */
  traceId?: string;
  /** Members that the model calls sensitive are redacted. */
  input?: unknown;
  /** The ARN of what it is about; '*' when it is about no resource. */
  resource?: string;
  /** 'pending', 'success' or the name of the error. */
  outcome: string;
  message?: string;
  status?: number;
  /** Whether the state of the service changed by it. */
  mutated: boolean;
  /** Whether the call named a resource that didn't exist, which the service or IAM may have answered with. */
  isResourceMissing?: boolean;
  /** The kinds of the faults that were injected. */
  faults: string[];
}

export const redacted = '***';

/** The value without what the model marks as sensitive. */
export function redact(model: ServiceModel, member: Member, value: unknown): unknown {
  if (value === undefined || value === null) return value;
  const shape = model.shapes[member.shape];
  if (!shape) return value;
  if (shape.sensitive || member.sensitive) return redacted;
  // The emulator logs refused input too: it may not have the type it should.
  if (shape.type === 'structure' && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value)
      .map(([name, item]) => [name, shape.members?.[name] ? redact(model, shape.members[name], item) : item]));
  }
  if (shape.type === 'list' && Array.isArray(value)) return value.map(item => redact(model, shape.member!, item));
  if (shape.type === 'map' && typeof value === 'object') {
    const keysAreSecret = shapeOf(model, shape.key!.shape).sensitive;
    return Object.fromEntries(Object.entries(value)
      .map(([key, item], i) => [keysAreSecret ? `${redacted}${i}` : key, redact(model, shape.value!, item)]));
  }
  return value;
}
