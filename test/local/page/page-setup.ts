import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { ChimeSDKMeetingsClient, CreateMeetingWithAttendeesCommand } from '@aws-sdk/client-chime-sdk-meetings';
import { CreateIngestConfigurationCommand, IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import { CreateSignalingChannelCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { Emulator, type EmulatorOptions, requestHandler } from '../../../local/emulator';
import type { CloudSource } from '../../../local/page/cloud-source';
import { type Message, type RunningPage, startPage } from '../../../local/page/server';

export const region = 'us-east-1';
const running: RunningPage[] = [];

export interface Harness {
  readonly emulator: Emulator;
  readonly page: RunningPage;
  readonly port: number;
}

export async function start({ cloud, ...options }: EmulatorOptions & { cloud?: CloudSource } = {}): Promise<Harness> {
  const emulator = new Emulator({ timings: { creating: 0, updating: 0, deleting: 0, mediaStorage: 0 }, ...options });
  const page = await startPage({ emulator, cloud });
  running.push(page);
  return { emulator, page, port: Number(new URL(page.url).port) };
}

export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map(async (page) => page.close()));
}

const settings = (emulator: Emulator, service: string) => ({
  region, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }, requestHandler: requestHandler(emulator, service) as never, maxAttempts: 1,
});

export async function createChannel(emulator: Emulator, ChannelName: string, tags: Record<string, string> = {}): Promise<string> {
  const client = new KinesisVideoClient(settings(emulator, 'kinesisvideo'));
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return (await client.send(new CreateSignalingChannelCommand({ ChannelName, Tags }))).ChannelARN!;
}

/** With a stream key. */
export async function createIngest(emulator: Emulator, name: string): Promise<string> {
  const client = new IVSRealTimeClient(settings(emulator, 'ivs-realtime'));
  const { ingestConfiguration } = await client.send(new CreateIngestConfigurationCommand({ name, ingestProtocol: 'RTMPS', redundantIngest: true }));
  return ingestConfiguration!.streamKey!;
}

/** With a join token. */
export async function createMeeting(emulator: Emulator, externalUserId: string): Promise<{ readonly id: string; readonly joinToken: string }> {
  const client = new ChimeSDKMeetingsClient(settings(emulator, 'chime-sdk-meetings'));
  const { Meeting, Attendees } = await client.send(new CreateMeetingWithAttendeesCommand({
    ClientRequestToken: randomUUID(), ExternalMeetingId: 'room', MediaRegion: region, Attendees: [{ ExternalUserId: externalUserId }],
  }));
  return { id: Meeting!.MeetingId!, joinToken: Attendees![0].JoinToken! };
}

/** A local AWS with the data of a test. */
export function fakeCloud(known: Partial<{ [K in 'invocations' | 'requests' | 'secrets' | 'pools']: Awaited<ReturnType<CloudSource[K]>> }> = {}): CloudSource {
  const { invocations = [], requests = [], secrets = [], pools = [] } = known;
  return {
    region,
    invocations: async (after) => invocations.filter(({ id }) => id > after),
    requests: async () => requests,
    secrets: async () => secrets,
    pools: async () => pools,
    emitEvent: async () => [],
    close: () => {},
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** fetch() chooses Host and Origin itself. */
export async function ask(port: number, method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The events that the server sends to the page, raw and parsed, until `enough` returns true. */
export async function watch(page: RunningPage, enough: (messages: Message[]) => boolean): Promise<{ raw: string; messages: Message[] }> {
  const abort = new AbortController();
  const response = await fetch(`${page.url}events`, { signal: abort.signal });
  let raw = '';
  let messages: Message[] = [];
  for await (const chunk of response.body!) {
    raw += Buffer.from(chunk as Uint8Array).toString();
    messages = [...raw.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)].map(([, event, data]) => ({ event, data: JSON.parse(data) }) as Message);
    if (enough(messages)) break;
  }
  abort.abort();
  return { raw, messages };
}

type Data = { readonly [M in Message as M['event']]: M['data'] };

export function last<E extends Message['event']>(messages: readonly Message[], event: E): Data[E] | undefined {
  return messages.filter((message) => message.event === event).at(-1)?.data as Data[E] | undefined;
}
