import { GetIngestConfigurationCommand, type IVSRealTimeClient } from '@aws-sdk/client-ivs-realtime';
import { ask, finding, readUntil } from './support';
import type { Encoder, Publication } from '../encoder';
import type { Finding, ProbeContext } from '../fact';

/** Seconds in which an encoder connects, and the service reports it. */
const CONNECTION_TIME = 60;

interface Source {
  readonly encoder: Encoder;
  readonly client: IVSRealTimeClient;
  /** The ARN of the ingest configuration. */
  readonly arn: string;
  readonly rtmpsEndpoint: string;
  /** The length of the stream. */
  readonly seconds: number;
}

/** The finding of a probe that needs an encoder. */
export function withoutEncoder(context: ProbeContext): Finding {
  return finding(context, undefined, 'The probe needs FFmpeg, which isn\'t installed, and a media server, which the local cloud doesn\'t have.');
}

/** Publishes while the work runs, which starts when the service reports the encoder. Throws if the encoder fails, or isn't reported. */
export async function whilePublishing<T>(
  context: ProbeContext, { encoder, client, arn, rtmpsEndpoint, seconds }: Source, work: (publication: Publication) => Promise<T>,
): Promise<T> {
  const configuration = async () => (await ask(context, () => client.send(new GetIngestConfigurationCommand({ arn })))).ingestConfiguration;
  const { streamKey = '' } = await configuration() ?? {};
  const publication = encoder({ rtmpsEndpoint, streamKey }, seconds);
  let failure: Error | undefined;
  void publication.ended.then((error) => { failure = error; });
  try {
    const isLive = async () => failure !== undefined || (await configuration())?.state === 'ACTIVE';
    const isReported = await readUntil(context, CONNECTION_TIME, isLive, Boolean);
    if (failure) throw failure;
    if (!isReported) throw new Error(`${CONNECTION_TIME} seconds after the encoder started, the ingest configuration wasn't active.`);
    return await work(publication);
  } finally {
    publication.stop();
    await publication.ended;
  }
}
