import { ArnFormat, type IResource, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateVoiceConnectorArn, validateVoiceConnectorId } from './private/setting-contract';
import { voiceConnectorIdOf } from './private/voice-connector-id';
import { type IVoiceConnectorMetrics, VoiceConnectorMetrics } from './voice-connector-metrics';
import type { IVoiceConnectorRef, VoiceConnectorReference } from './voice-connector-ref';
import { concrete, opaque } from '../private/concrete';
import { throwIfInvalid } from '../private/errors';
import { validateRegion } from '../private/region-validation';

/**
 * A voice connector, created by a stack or imported.
 */
export interface IVoiceConnector extends IResource, IVoiceConnectorRef, IVoiceConnectorMetrics {
  /**
   * The ID of the voice connector.
   *
   * @attribute
   */
  readonly voiceConnectorId: string;

  /**
   * The ARN of the voice connector.
   *
   * @attribute
   */
  readonly voiceConnectorArn: string;
}

/**
 * A voice connector, wherever its ARN comes from.
 *
 * @internal
 */
export abstract class VoiceConnectorBase extends VoiceConnectorMetrics implements IVoiceConnector {
  public abstract readonly voiceConnectorArn: string;

  public get voiceConnectorRef(): VoiceConnectorReference {
    return { voiceConnectorArn: this.voiceConnectorArn };
  }
}

export class ImportedVoiceConnector extends VoiceConnectorBase {
  public static fromId(scope: Construct, id: string, voiceConnectorId: string, region?: string): IVoiceConnector {
    throwIfInvalid(scope, [...validateVoiceConnectorId(concrete(voiceConnectorId)), ...validateRegion('region', concrete(region))], id);
    return new ImportedVoiceConnector(scope, id, Stack.of(scope).formatArn({
      service: 'chime', region, resource: 'vc', resourceName: voiceConnectorId, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    }), voiceConnectorId);
  }

  public static fromArn(scope: Construct, id: string, voiceConnectorArn: string): IVoiceConnector {
    throwIfInvalid(scope, validateVoiceConnectorArn(concrete(voiceConnectorArn)), id);
    return new ImportedVoiceConnector(scope, id, voiceConnectorArn);
  }

  public readonly voiceConnectorArn: string;
  public readonly voiceConnectorId: string;

  private constructor(scope: Construct, id: string, voiceConnectorArn: string, voiceConnectorId?: string) {
    const arn = opaque(voiceConnectorArn);
    super(scope, id, { environmentFromArn: arn });
    this.voiceConnectorArn = arn;
    this.voiceConnectorId = voiceConnectorId ?? voiceConnectorIdOf(arn);
  }
}
