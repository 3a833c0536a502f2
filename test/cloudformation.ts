import type { createLifecycle, IsCompleteResponse, OnEventResponse } from '../lambda/engine/lifecycle';
import type { Clock } from '../local/emulator';
import { TIMING } from '../src/private/contract';

type Lifecycle = ReturnType<typeof createLifecycle>;
type Properties = Record<string, unknown>;

/** What CloudFormation reports of a failed resource: the id that the FAILED answer carried, if the handler had given one. */
export class ResourceFailed extends Error {
  constructor(reason: string, readonly physicalId: string | undefined, readonly polls: number) {
    super(reason);
  }
}

export interface Outcome {
  readonly physicalId: string;
  readonly attributes: Record<string, string>;
  readonly polls: number;
}

export interface Delivery {
  readonly type: 'Create' | 'Update' | 'Delete';
  readonly requestId: string;
  readonly physicalId?: string;
  readonly properties?: Properties;
  readonly oldProperties?: Properties;
}

/**
 * One resource of a stack as CloudFormation and the provider framework see it, in process: it delivers requests, polls every two seconds
 * and forgets nothing. The end-to-end tests run the real framework; here single deliveries can be repeated, interleaved and lost.
 */
export class StackResource {
  physicalId?: string;
  properties: Properties = {};
  private requests = 0;

  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly clock: Clock,
    readonly resourceType: string,
    readonly stackId: string,
    readonly logicalId: string,
  ) {}

  async create(properties: Properties = {}): Promise<Outcome> {
    const outcome = await this.deliver({ type: 'Create', requestId: this.nextRequestId(), properties });
    Object.assign(this, { physicalId: outcome.physicalId, properties });
    return outcome;
  }

  /** An update that succeeds, with the clean-up Delete of what it replaced. */
  async update(properties: Properties): Promise<Outcome> {
    const former = this.physicalId!;
    const outcome = await this.deliverUpdate(properties);
    Object.assign(this, { physicalId: outcome.physicalId, properties });
    if (outcome.physicalId !== former) await this.delete(former);
    return outcome;
  }

  deliverUpdate(properties: Properties, from: { physicalId?: string; properties?: Properties } = {}): Promise<Outcome> {
    return this.deliver({
      type: 'Update',
      requestId: this.nextRequestId(),
      physicalId: from.physicalId ?? this.physicalId,
      properties,
      oldProperties: from.properties ?? this.properties,
    });
  }

  delete(physicalId = this.physicalId, properties = this.properties): Promise<Outcome> {
    return this.deliver({ type: 'Delete', requestId: this.nextRequestId(), physicalId, properties });
  }

  async deliver(delivery: Delivery): Promise<Outcome> {
    const response = await this.onEvent(delivery).catch((error) => {
      // On Create the framework puts a marker here and swallows the Delete that follows.
      throw new ResourceFailed(error.message, delivery.physicalId, 0);
    });
    return this.settle(delivery, response);
  }

  onEvent(delivery: Delivery): Promise<OnEventResponse> {
    return this.lifecycle.onEvent(this.event(delivery));
  }

  async settle(delivery: Delivery, response: OnEventResponse): Promise<Outcome> {
    for (let polls = 1; ; polls += 1) {
      const result = await this.poll(delivery, response).catch((error) => {
        throw new ResourceFailed(error.message, response.PhysicalResourceId, polls);
      });
      if (result.IsComplete) return { physicalId: response.PhysicalResourceId, attributes: result.Data ?? {}, polls };
      if (polls >= TIMING.queryAttempts) throw new ResourceFailed('Operation timed out', response.PhysicalResourceId, polls);
      await this.clock.sleep(2000);
    }
  }

  poll(delivery: Delivery, response: OnEventResponse): Promise<IsCompleteResponse> {
    // What onEvent answers crosses Step Functions as JSON.
    return this.lifecycle.isComplete({ ...this.event(delivery), ...JSON.parse(JSON.stringify(response)) });
  }

  nextRequestId(): string {
    this.requests += 1;
    return `${this.logicalId}-request-${this.requests}`;
  }

  private event({ type, requestId, physicalId, properties, oldProperties }: Delivery): any {
    return {
      RequestType: type,
      RequestId: requestId,
      StackId: this.stackId,
      LogicalResourceId: this.logicalId,
      ResourceType: this.resourceType,
      ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:framework-onEvent',
      ResponseURL: 'https://cloudformation-custom-resource-response.example/secret-signature',
      ResourceProperties: asStrings({ ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:framework-onEvent', ServiceTimeout: TIMING.serviceTimeout, ...properties }),
      ...type === 'Create' ? {} : { PhysicalResourceId: physicalId },
      ...type === 'Update' ? { OldResourceProperties: asStrings({ ServiceToken: 'arn', ServiceTimeout: TIMING.serviceTimeout, ...oldProperties }) } : {},
    };
  }
}

/** CloudFormation turns every leaf into a string. */
export function asStrings(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asStrings);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => [key, asStrings(item)]));
  return String(value);
}
