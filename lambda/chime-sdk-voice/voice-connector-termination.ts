import {
  type ChimeSDKVoiceClient, DeleteVoiceConnectorTerminationCommand, GetVoiceConnectorTerminationCommand, PutVoiceConnectorTerminationCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { advisingOnEmergencyCalls, SETTING_ENTRIES, settingOf, VOICE_CONNECTOR, voiceConnectorIdOf, voiceConnectorTags } from './setting-declaration';
import { type Credentials, readCredentials } from './sip-credentials';
import { incomplete, SipUsers } from './sip-users';
import { credentialsVersion, fromWire, isBlank, maskingPhoneNumber, type TerminationDocument, terminationEncoding, toProperties, toWire } from './termination-document';
import {
  TERMINATION_BEFORE_TAG, TERMINATION_TAG, TERMINATION_USERS_TAG, validateVoiceConnectorTermination, type VoiceConnectorTerminationProperties,
} from '../../src/chime-sdk-voice/private/voice-connector-termination';
import { READ_LAG } from '../engine/consistency';
import { TerminalError, TransientError, unlessGone } from '../engine/error-classes';
import type { ResourceHandler } from '../engine/lifecycle';
import { type DesiredSetting, type Parent, ParentSettingHandler } from '../engine/parent-setting';
import { booleanProperty, integerProperty, type SchemaEntries } from '../engine/properties';
import { parseFormerTag } from '../engine/setting-ownership';
import type { TimeBudget } from '../engine/time-budget';

const schema = v.strictObject({
  ...SETTING_ENTRIES,
  AllowedCidrs: v.array(v.string()),
  CallingRegions: v.array(v.string()),
  CallsPerSecond: v.optional(integerProperty),
  DefaultPhoneNumber: v.optional(v.string()),
  CredentialSecretArns: v.optional(v.array(v.string()), []),
  CredentialsVersion: v.optional(v.string()),
  Enabled: v.optional(booleanProperty, 'true'),
} satisfies SchemaEntries<VoiceConnectorTerminationProperties>);

interface Desired extends DesiredSetting<TerminationDocument> {
  readonly secretArns: readonly string[];
}

export interface VoiceConnectorTerminationOptions {
  readonly client: (region: string) => ChimeSDKVoiceClient;
  readonly secretsManager: (region: string) => SecretsManagerClient;
}

/** The termination settings of a voice connector, and the SIP users that may use them. */
export function voiceConnectorTerminationHandler({ client, secretsManager }: VoiceConnectorTerminationOptions): ResourceHandler {
  const clientOf = (arn: string) => client(VOICE_CONNECTOR.regionOf(arn)!);
  return new ParentSettingHandler<TerminationDocument, Desired>({
    ...settingOf({
      noun: 'termination',
      tagKeys: { owner: TERMINATION_TAG, former: TERMINATION_BEFORE_TAG, others: [TERMINATION_USERS_TAG] },
      schema,
      validate: validateVoiceConnectorTermination,
      toDesired,
    }),
    encoding: terminationEncoding,
    optionalMembers: ['defaultPhoneNumber'],
    membersInTags: ['credentials'],
    isBlank,
    toProperties,
    connect: (arn, budget) => connect(clientOf(arn), arn, budget),
    access: async ({ parentArn, secretArns }, parent, budget) => {
      let credentials: Promise<Credentials> | undefined;
      const read = () => credentials ??= readCredentials(secretArns, secretsManager, budget);
      return {
        get: () => parent.get(),
        put: (document) => connect(clientOf(parentArn), parentArn, budget, read).put(document),
        // A secret that can't be read must be known before the claim.
        check: read,
      };
    },
  });
}

/** Without credentials a Put leaves the SIP users as they are, unless there must be none. */
function connect(
  client: ChimeSDKVoiceClient, arn: string, budget: TimeBudget, readSecrets?: () => Promise<Credentials>,
): Parent<TerminationDocument> {
  const { signal: abortSignal } = budget;
  const VoiceConnectorId = voiceConnectorIdOf(arn);
  const { errorClasses } = VOICE_CONNECTOR;
  const tags = voiceConnectorTags(client, arn, abortSignal);
  const users = new SipUsers(client, arn, tags, budget);
  return {
    tags,
    get: () => unlessGone(errorClasses, async () => {
      const { Termination } = await client.send(new GetVoiceConnectorTerminationCommand({ VoiceConnectorId }), { abortSignal });
      return Termination && { ...fromWire(Termination), credentials: await users.version() };
    }),
    put: async (document) => {
      const version = await users.version();
      if (readSecrets && document.credentials !== version) refuseInRename(await tags.list(), document, budget);
      const isKept = document.credentials === version || (document.credentials !== undefined && !readSecrets);
      // A secret that can't be read must be known before anything is changed. Unchanged credentials don't need their secrets.
      const credentials = isKept ? [] : await readSecrets?.() ?? [];
      const command = new PutVoiceConnectorTerminationCommand({ VoiceConnectorId, Termination: toWire(document) });
      const { Termination } = await maskingPhoneNumber(document, () => client.send(command, { abortSignal }));
      if (!isKept) await users.put(document.credentials ?? '', credentials);
      return Termination && { ...fromWire(Termination), credentials: document.credentials };
    },
    clear: () => advisingOnEmergencyCalls(async () => {
      await users.clear();
      await unlessGone(errorClasses, () => client.send(new DeleteVoiceConnectorTerminationCommand({ VoiceConnectorId }), { abortSignal }));
    }),
  };
}

/** A rollback of a rename can't restore other credentials: the Delete that restores the former settings knows no secret. */
function refuseInRename(tags: Record<string, string> | undefined, { credentials }: TerminationDocument, { elapsed }: TimeBudget): void {
  const former = parseFormerTag(tags?.[TERMINATION_BEFORE_TAG], terminationEncoding)?.document.credentials;
  if (former === undefined || former === credentials || (credentials !== undefined && former === incomplete(credentials))) return;
  if (elapsed < READ_LAG) throw new TransientError('the tag of a former rename may have been deleted, which may not be readable yet');
  throw new TerminalError('credentials: a rollback of the rename of this construct could not restore the former SIP users; '
    + 'change the credentials in a deployment of their own, before or after the rename');
}

function toDesired(parsed: v.InferOutput<typeof schema>): Pick<Desired, 'document' | 'secretArns'> {
  const { AllowedCidrs, CallingRegions, CallsPerSecond, DefaultPhoneNumber, CredentialSecretArns, CredentialsVersion, Enabled } = parsed;
  const settings = { CidrAllowedList: AllowedCidrs, CallingRegions, CpsLimit: CallsPerSecond, DefaultPhoneNumber, Disabled: !Enabled };
  return {
    secretArns: CredentialSecretArns,
    document: { ...fromWire(settings), credentials: credentialsVersion(CredentialSecretArns, CredentialsVersion) },
  };
}
