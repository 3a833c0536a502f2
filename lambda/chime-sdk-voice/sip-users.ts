import { createHash } from 'node:crypto';
import {
  type ChimeSDKVoiceClient, DeleteVoiceConnectorTerminationCredentialsCommand, ListVoiceConnectorTerminationCredentialsCommand,
  PutVoiceConnectorTerminationCredentialsCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import { VOICE_CONNECTOR, voiceConnectorIdOf } from './setting-declaration';
import type { Credentials } from './sip-credentials';
import { MAX_CREDENTIALS, TERMINATION_USERS_TAG } from '../../src/chime-sdk-voice/private/voice-connector-termination';
import { READ_LAG } from '../engine/consistency';
import { classify, TransientError, unlessGone, withoutWords } from '../engine/error-classes';
import type { ParentTags } from '../engine/parent-setting';
import type { TimeBudget } from '../engine/time-budget';

/** Characters of the hash of a user name: twice the largest number of users fits into one tag. */
const HASH_LENGTH = 6;

/** The state of credentials that have to be put again: of this version, if it was complete before. */
export function incomplete(version: string): string {
  return ['incomplete', ...version === '' ? [] : [version]].join(' ');
}

/** What the tag on the voice connector tells about the SIP users that the library created: passwords can't be read, and properties name no user. */
interface UserRecord {
  /** Which credentials were put. Empty: a Put has begun, and its end isn't known. */
  readonly version: string;
  readonly present: readonly string[];
  /** Users that must be absent: a call that timed out may still create them. */
  readonly absent: readonly string[];
}

/** The SIP users of the termination settings of a voice connector. Users that were created out of band stay. */
export class SipUsers {
  private readonly VoiceConnectorId: string;

  constructor(
    private readonly client: ChimeSDKVoiceClient, private readonly arn: string, private readonly tags: ParentTags,
    private readonly budget: TimeBudget,
  ) {
    this.VoiceConnectorId = voiceConnectorIdOf(arn);
  }

  /** @returns the version of the credentials that are complete; undefined if the library created no users */
  public async version(): Promise<string | undefined> {
    const record = parseRecord(await this.tags.list());
    if (!record) return undefined;
    const listed = (await this.list()).map((name) => this.hash(name));
    const isComplete = record.present.every((hash) => listed.includes(hash)) && !record.absent.some((hash) => listed.includes(hash));
    if (isComplete && record.version === '' && record.present.length === 0) return undefined;
    return isComplete && record.version !== '' ? record.version : incomplete(record.version);
  }

  /**
   * Puts the credentials, then deletes the users that earlier credentials had, because a Put may keep them (unverified: F-82).
   * The record comes first, so that no user is created without one.
   */
  public async put(version: string, credentials: Credentials): Promise<void> {
    const desired = credentials.map(({ Username }) => this.hash(Username));
    const record = await this.lastRecord() ?? { version: '', present: [], absent: [] };
    const former = [...record.present, ...record.absent].filter((hash) => !desired.includes(hash));
    const absent = former.slice(0, MAX_CREDENTIALS);
    const write = (text: string) => this.tags.set({ [TERMINATION_USERS_TAG]: formatRecord({ version: text, present: desired, absent }) });
    if (credentials.length > 0 || former.length > 0) await write('');
    if (credentials.length > 0) {
      const command = new PutVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId: this.VoiceConnectorId, Credentials: [...credentials] });
      const secrets = credentials.flatMap(({ Username, Password }) => [Username, Password]);
      await withoutCredentials(secrets, () => this.client.send(command, { abortSignal: this.budget.signal }));
    }
    await this.delete(former);
    if (credentials.length > 0) await write(version);
  }

  /** Deletes every user that the library created: the deletion of termination may keep the users (unverified: F-97). The record stays: a call that timed out may still create a user. */
  public async clear(): Promise<void> {
    const record = await this.lastRecord();
    if (record) await this.delete([...record.present, ...record.absent]);
  }

  /** A stale read of the record or of the users would hide users that an operation just before created. Users without a record are not the library's. */
  private async lastRecord(): Promise<UserRecord | undefined> {
    const { budget } = this;
    const record = parseRecord(await this.tags.list());
    if (!record || budget.elapsed >= READ_LAG) return record;
    if (!await budget.pause(READ_LAG - budget.elapsed)) throw new TransientError('which SIP users an earlier operation created may not be readable yet');
    return parseRecord(await this.tags.list());
  }

  private async delete(hashes: readonly string[]): Promise<void> {
    const Usernames = hashes.length > 0 ? (await this.list()).filter((name) => hashes.includes(this.hash(name))) : [];
    if (Usernames.length === 0) return;
    const command = new DeleteVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId: this.VoiceConnectorId, Usernames });
    const send = () => this.client.send(command, { abortSignal: this.budget.signal });
    await withoutCredentials(Usernames, () => unlessGone(VOICE_CONNECTOR.errorClasses, send));
  }

  private async list(): Promise<string[]> {
    const command = new ListVoiceConnectorTerminationCredentialsCommand({ VoiceConnectorId: this.VoiceConnectorId });
    const answer = await unlessGone(VOICE_CONNECTOR.errorClasses, () => this.client.send(command, { abortSignal: this.budget.signal }));
    return answer?.Usernames ?? [];
  }

  private hash(name: string): string {
    return createHash('sha256').update(`${this.arn}\0${name}`).digest('base64url').slice(0, HASH_LENGTH);
  }
}

/** The service may repeat a credential in its words, in any form. Only a denial, which names an action, keeps them, unless it repeats a credential. */
async function withoutCredentials<T>(credentials: readonly string[], call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const isTelling = credentials.some((credential) => (error as Error).message.includes(credential));
    throw classify(error, VOICE_CONNECTOR.errorClasses) === 'denied' && !isTelling ? error
      : withoutWords(error, 'the service rejected the SIP credentials; its words are left out, because they may repeat a credential');
  }
}

function formatRecord({ version, present, absent }: UserRecord): string {
  return [version, present.join(''), absent.join('')].join('.');
}

function parseRecord(tags: Record<string, string> | undefined): UserRecord | undefined {
  const value = tags?.[TERMINATION_USERS_TAG];
  if (value === undefined) return undefined;
  const [version = '', present = '', absent = ''] = value.split('.');
  const hashesIn = (text: string) => text.match(new RegExp(`.{${HASH_LENGTH}}`, 'g')) ?? [];
  return { version, present: hashesIn(present), absent: hashesIn(absent) };
}
