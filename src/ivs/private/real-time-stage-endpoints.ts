import { validateStageArn } from './validation';

/** The properties of the custom resource. CloudFormation delivers every leaf as a string. */
export interface RealTimeStageEndpointsProperties {
  readonly StageArn: string;
  /** The properties of the stage. A change of the stage makes CloudFormation send an update. The handler ignores the value. */
  readonly StageProperties?: object;
  /** A change makes CloudFormation send an update. The handlers ignore the value. */
  readonly ForceUpdateNonce?: string;
  /** Rendered from the deletion policy. The resource only reads, so the handler ignores the value. */
  readonly Retain?: boolean;
  /** Only in the input of the drift monitor: the attributes of the last deployment. */
  readonly Deployed?: RealTimeStageEndpointsAttributes;
}

/** The attributes for `Fn::GetAtt`. */
export interface RealTimeStageEndpointsAttributes {
  readonly EventsEndpoint: string;
  readonly WhipEndpoint: string;
  readonly RtmpEndpoint: string;
  readonly RtmpsEndpoint: string;
}

/** The attributes, in the order in which the drift monitor reports them. */
export const REAL_TIME_STAGE_ENDPOINTS: readonly (keyof RealTimeStageEndpointsAttributes)[] = ['EventsEndpoint', 'WhipEndpoint', 'RtmpEndpoint', 'RtmpsEndpoint'];

/** Returns findings. */
export function validateRealTimeStageEndpoints({ StageArn }: Pick<RealTimeStageEndpointsProperties, 'StageArn'>): string[] {
  return validateStageArn('stage', StageArn);
}
