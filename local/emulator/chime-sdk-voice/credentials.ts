import { isDeepStrictEqual } from 'util';
import { CallContext, Input } from '../service';
import { badRequest, changeConnector, connectorById, Context, notFound } from './lookup';
import { Credentials, VoiceConnector } from './state';

/* SIP users: their names can be listed, their passwords can never be read. */

export function putCredentials(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = withTermination(context, input, call, call.now);
  const { credentialsPut = 'merge', credentialErrors } = context.state.options;
  const given: { Username?: string; Password?: string }[] = input.Credentials ?? [];
  const wrong = given.find(({ Username, Password }) => !isAscii(Username) || !isAscii(Password) || Username!.includes(':'));
  if (wrong || given.length === 0) throw badRequest(credentialErrors === 'repeat' ? `${wrong?.Username} ${wrong?.Password} is invalid` : 'Service received a bad request');
  const wanted = Object.fromEntries(given.map(({ Username, Password }) => [Username!, Password!]));
  setCredentials(context, call, connector, { ...credentialsPut === 'merge' && connector.credentials, ...wanted });
  return {};
}

export function listCredentials(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  return { Usernames: Object.keys(withTermination(context, input, call, call.readAt).credentials ?? {}) };
}

/** A name that no user has is ignored (assumed). */
export function deleteCredentials(context: Context, input: Input, call: CallContext): Record<string, unknown> {
  const connector = withTermination(context, input, call, call.now);
  const { Usernames = [] } = input;
  if (Usernames.length === 0) throw badRequest('Service received a bad request');
  const left = Object.entries(connector.credentials ?? {}).filter(([name]) => !Usernames.includes(name));
  setCredentials(context, call, connector, Object.fromEntries(left));
  return {};
}

/** Credentials belong to termination: they are used, listed, and deleted only while there is one. */
function withTermination(context: Context, input: Input, call: CallContext, time: number): VoiceConnector {
  const connector = connectorById(context, call, input.VoiceConnectorId, time);
  if (!connector.termination) throw notFound(`Voice Connector ${connector.id} has no termination settings`);
  return connector;
}

function isAscii(text: string | undefined): boolean {
  return text !== undefined && /^[\x20-\x7e]+$/.test(text);
}

function setCredentials(context: Context, call: CallContext, connector: VoiceConnector, credentials: Credentials): void {
  if (isDeepStrictEqual(connector.credentials ?? {}, credentials)) return;
  changeConnector(context, call, connector, current => ({ ...current, credentials }));
}
