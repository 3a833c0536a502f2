import type { IVSRealTimeClient, StageEndpoints } from '@aws-sdk/client-ivs-realtime';
import * as v from 'valibot';
import { IVS_ERROR_CLASSES } from './client';
import { readStageEndpoints } from './stage-endpoints';
import {
  REAL_TIME_STAGE_ENDPOINTS, type RealTimeStageEndpointsAttributes, type RealTimeStageEndpointsProperties, validateRealTimeStageEndpoints,
} from '../../src/ivs/private/real-time-stage-endpoints';
import { CREATE_LAG } from '../engine/consistency';
import { memberDifferences, type PropertyDifference } from '../engine/drift';
import { TerminalError } from '../engine/error-classes';
import type { Deleted, OnEventOutcome, Reconciled, Request, ResourceHandler } from '../engine/lifecycle';
import { booleanProperty, parseProperties, type SchemaEntries, throwIfInvalid } from '../engine/properties';
import type { TimeBudget } from '../engine/time-budget';

const schema = v.strictObject({
  StageArn: v.string(),
  StageProperties: v.optional(v.object({})),
  Retain: v.optional(booleanProperty, 'false'),
  Deployed: v.optional(v.strictObject({ EventsEndpoint: v.string(), WhipEndpoint: v.string(), RtmpEndpoint: v.string(), RtmpsEndpoint: v.string() })),
} satisfies SchemaEntries<RealTimeStageEndpointsProperties>);

export interface RealTimeStageEndpointsOptions {
  readonly client: (region: string) => IVSRealTimeClient;
}

/** The endpoints of a stage, as attributes. The handler only reads: it creates, owns, and deletes nothing. */
class RealTimeStageEndpointsHandler implements ResourceHandler {
  public readonly errorClasses = IVS_ERROR_CLASSES;

  constructor(private readonly options: RealTimeStageEndpointsOptions) {}

  public async create(request: Request): Promise<OnEventOutcome> {
    return { physicalId: parse(request).StageArn };
  }

  public update(request: Request): Promise<OnEventOutcome> {
    return this.create(request);
  }

  public async reconcile(request: Request, budget: TimeBudget): Promise<Reconciled> {
    const { StageArn: arn } = parse(request);
    const endpoints = await this.read(arn, budget);
    const missing = REAL_TIME_STAGE_ENDPOINTS.filter((name) => !endpoints?.[name]);
    if (endpoints && missing.length === 0) return { attributes: { ...endpoints as RealTimeStageEndpointsAttributes } };
    const finding = endpoints ? `the service returns no ${missing.join(', ')} for ${arn}` : `there is no ${arn}`;
    if (budget.elapsed < CREATE_LAG) return { pending: `${finding} yet` };
    throw new TerminalError(`stage: ${finding}`);
  }

  public async delete(): Promise<Deleted> {
    return { gone: true };
  }

  public async detectDrift(request: Request, budget: TimeBudget): Promise<PropertyDifference[] | undefined> {
    const { StageArn, Deployed } = parse(request);
    const endpoints = await this.read(StageArn, budget);
    return endpoints && memberDifferences({ ...Deployed }, { ...endpoints });
  }

  private async read(arn: string, budget: TimeBudget): Promise<Partial<RealTimeStageEndpointsAttributes> | undefined> {
    const [, , , region = ''] = arn.split(':');
    const endpoints = await readStageEndpoints(this.options.client(region), arn, budget);
    return endpoints && toAttributes(endpoints);
  }
}

export function realTimeStageEndpointsHandler(options: RealTimeStageEndpointsOptions): ResourceHandler {
  return new RealTimeStageEndpointsHandler(options);
}

function parse(request: Request): v.InferOutput<typeof schema> {
  const properties = parseProperties(schema, request.properties);
  throwIfInvalid(validateRealTimeStageEndpoints(properties));
  return properties;
}

function toAttributes({ events, whip, rtmp, rtmps }: StageEndpoints): Partial<RealTimeStageEndpointsAttributes> {
  return { EventsEndpoint: events, WhipEndpoint: whip, RtmpEndpoint: rtmp, RtmpsEndpoint: rtmps };
}
