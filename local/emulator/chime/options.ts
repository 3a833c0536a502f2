import { MeetingOptions } from '../chime-sdk-meetings';
import { Rate } from '../service';

/** Of the legacy namespace alone; what concerns the voice connectors themselves is among the options of `chimeSdkVoice`. */
export interface ChimeOptions {
  /** Accounts that the endpoint refuses, as it does new ones. Default: none. */
  readonly refusedAccounts?: 'all' | readonly string[];
  /** What it says to them; both have been seen. Default: 'deprecated-api'. */
  readonly refusal?: 'deprecated-api' | 'not-authorized';
  /** The regions whose voice connectors are seen here. Default: us-east-1 only. */
  readonly connectorRegions?: readonly string[];
  /** What becomes of members that the model does not know, as MediaInsightsConfiguration. Default: 'refuse'. */
  readonly unknownMembers?: 'refuse' | 'ignore';
  /** What IAM's refusal is called. Default: 'ForbiddenException'. */
  readonly accessDenied?: 'AccessDeniedException' | 'ForbiddenException' | 'UnauthorizedClientException';
  /** Of its meetings: the other namespace has its own. */
  readonly meetings?: MeetingOptions;
  /** Calls per second of each operation, instead of the documented ones. Default for voice connectors: unlimited. */
  readonly rates?: Record<string, Rate>;
}

/** There is one endpoint, here, whatever region a client is set to. */
export const globalRegion = 'us-east-1';
