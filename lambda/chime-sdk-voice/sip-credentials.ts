import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { READ_LAG } from '../engine/consistency';
import { TerminalError, TransientError, withoutWords } from '../engine/error-classes';
import type { TimeBudget } from '../engine/time-budget';

/** User names and passwords of SIP users. Not to be logged. */
export type Credentials = readonly { readonly Username: string; readonly Password: string }[];

/** US-ASCII, as RFC 2617 has it: a colon ends the user name. */
const schema = v.pipe(v.string(), v.parseJson(), v.object({
  username: v.pipe(v.string(), v.regex(/^[\x20-\x39\x3b-\x7e]+$/)),
  password: v.pipe(v.string(), v.regex(/^[\x20-\x7e]+$/)),
}));

/** Reads the current version of each secret. Errors name the secret, and nothing that is in it. */
export async function readCredentials(
  secretArns: readonly string[], client: (region: string) => SecretsManagerClient, budget: TimeBudget,
): Promise<Credentials> {
  const credentials = await Promise.all(secretArns.map((arn) => readSecret(arn, client(arn.split(':')[3]!), budget)));
  credentials.forEach(({ Username }, index) => {
    const first = credentials.findIndex((other) => other.Username === Username);
    if (first < index) throw new TerminalError(`credentials: ${secretArns[first]} and ${secretArns[index]} have the same user name; give each SIP user once`);
  });
  return credentials;
}

async function readSecret(arn: string, client: SecretsManagerClient, { signal: abortSignal, elapsed }: TimeBudget): Promise<Credentials[number]> {
  const parsed = v.safeParse(schema, await readValue());
  if (parsed.success) return { Username: parsed.output.username, Password: parsed.output.password };
  throw new TerminalError(`credentials: ${arn} must hold JSON with the fields username and password, each a text of printable US-ASCII characters, the user name without a colon`);

  async function readValue(): Promise<string | undefined> {
    try {
      return (await client.send(new GetSecretValueCommand({ SecretId: arn, VersionStage: 'AWSCURRENT' }), { abortSignal })).SecretString;
    } catch (error) {
      const { name, message } = error as Error;
      // Secrets Manager doesn't say which secret is marked for deletion, or has a key that can't be used.
      if (name !== 'ResourceNotFoundException') throw withoutWords(error, message.includes(arn) ? message : `${arn}: ${message}`);
      if (elapsed < READ_LAG) throw new TransientError(`${arn} has no value, as a secret that was just created may have none for a while`);
      throw new TerminalError(`credentials: ${arn} doesn't exist, or has no version AWSCURRENT; store the user name and the password in it`);
    }
  }
}
