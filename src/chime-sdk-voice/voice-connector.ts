import { ArnFormat, Resource, Stack } from 'aws-cdk-lib';
import type { IEnvironmentAware } from 'aws-cdk-lib/interfaces';
import type { Construct, IConstruct } from 'constructs';
import { validateVoiceConnectorArn, validateVoiceConnectorId } from './private/voice-connector';
import { brand, isBranded } from '../private/brand';
import { concrete, opaque } from '../private/concrete';
import { throwIfInvalid } from '../private/errors';
import { validateRegion } from '../private/region-validation';

/**
 * A reference to a voice connector.
 */
export interface VoiceConnectorReference {
  /**
   * The ARN of the voice connector.
   */
  readonly voiceConnectorArn: string;
}

/**
 * A voice connector. In TypeScript, `CfnVoiceConnector` of newer versions of aws-cdk-lib is one, too; in other languages pass its ARN
 * to `VoiceConnector.fromVoiceConnectorArn`.
 */
export interface IVoiceConnector extends IConstruct, IEnvironmentAware {
  /**
   * The reference to the voice connector.
   */
  readonly voiceConnectorRef: VoiceConnectorReference;
}

/**
 * A voice connector that exists already, or that another construct makes.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/ag/voice-connectors.html
 */
export class VoiceConnector extends Resource implements IVoiceConnector {
  /**
   * Returns whether a value is a `VoiceConnector`, also if another copy of this library in the app created it.
   *
   * @param x The value to test.
   */
  public static isVoiceConnector(x: any): x is VoiceConnector {
    return isBranded(x, 'VoiceConnector');
  }

  /**
   * A voice connector of the stack's account, by its id.
   *
   * @param scope the scope
   * @param id the id of the construct
   * @param voiceConnectorId 21 or 22 letters and digits in lower case, or a UUID
   * @param region the region of the voice connector; the stack's unless given
   * @throws if the id is known at synth and is none
   */
  public static fromVoiceConnectorId(scope: Construct, id: string, voiceConnectorId: string, region?: string): VoiceConnector {
    throwIfInvalid(scope, [...validateVoiceConnectorId(concrete(voiceConnectorId)), ...validateRegion('region', concrete(region))], id);
    const voiceConnectorArn = Stack.of(scope).formatArn({
      service: 'chime', region, resource: 'vc', resourceName: voiceConnectorId, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    return new VoiceConnector(scope, id, voiceConnectorArn);
  }

  /**
   * A voice connector, by its ARN.
   *
   * @param scope the scope of the construct
   * @param id the id of the construct in its scope
   * @param voiceConnectorArn the ARN of the voice connector
   * @throws if the ARN is known at synth and is not one of a voice connector
   */
  public static fromVoiceConnectorArn(scope: Construct, id: string, voiceConnectorArn: string): VoiceConnector {
    throwIfInvalid(scope, validateVoiceConnectorArn(concrete(voiceConnectorArn)), id);
    return new VoiceConnector(scope, id, voiceConnectorArn);
  }

  /**
   * The reference to the voice connector.
   */
  public readonly voiceConnectorRef: VoiceConnectorReference;

  private constructor(scope: Construct, id: string, voiceConnectorArn: string) {
    const arn = opaque(voiceConnectorArn);
    super(scope, id, { environmentFromArn: arn });
    brand(this, 'VoiceConnector');
    this.voiceConnectorRef = { voiceConnectorArn: arn };
  }
}
