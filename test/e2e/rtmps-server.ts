import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as tls from 'node:tls';

/* An RTMPS server for one publisher at a time: as much of the protocol as an encoder needs to connect, to publish under a stream key, and to send media. */

export interface Publication {
  /** The URL that the encoder connects to, as the encoder writes it. */
  readonly tcUrl: string;
  readonly app: string;
  readonly streamKey: string;
  /** The messages with audio or video that arrived. */
  readonly media: { audio: number; video: number };
}

export interface RtmpsServer {
  /** The server URL for encoders, in the form of a stage's `rtmpsEndpoint`. */
  readonly url: string;
  readonly publications: readonly Publication[];
  stop(): Promise<void>;
}

/** Accepts publishers of one stream key, as a stage does, and refuses any other key. */
export async function startRtmpsServer(streamKey: () => string): Promise<RtmpsServer> {
  const publications: Publication[] = [];
  const sockets = new Set<tls.TLSSocket>();
  const server = tls.createServer(selfSigned(), (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, streamKey(), publications).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // An address, because the static executable of FFmpeg can't resolve names on every machine.
    url: `rtmps://127.0.0.1:${(server.address() as AddressInfo).port}/app/`,
    publications,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const HANDSHAKE = 1536;
const COMMAND = 20;
const CHUNK_SIZE = 1;
const AUDIO = 8;
const VIDEO = 9;

/** https://rtmp.veriskope.com/docs/spec/ */
async function serve(socket: tls.TLSSocket, streamKey: string, publications: Publication[]): Promise<void> {
  const bytes = readerOf(socket);
  const hello = await bytes(1 + HANDSHAKE);
  // Version 3; bytes of this side without a digest; and the bytes of the other side.
  socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(HANDSHAKE), hello.subarray(1)]));
  await bytes(HANDSHAKE);

  let target = { tcUrl: '', app: '' };
  let publication: Publication | undefined;
  for await (const { type, body } of messagesOf(bytes)) {
    if (type === AUDIO && publication) publication.media.audio += 1;
    if (type === VIDEO && publication) publication.media.video += 1;
    if (type !== COMMAND) continue;
    const [name, transaction, options, ...rest] = decoded(body);
    if (name === 'connect') {
      target = options as typeof target;
      socket.write(command('_result', transaction, null, { code: 'NetConnection.Connect.Success' }));
    }
    if (name === 'createStream') socket.write(command('_result', transaction, null, 1));
    if (name === 'publish') {
      const isKnown = rest[0] === streamKey;
      if (isKnown) publications.push(publication = { ...target, streamKey: rest[0] as string, media: { audio: 0, video: 0 } });
      socket.write(command('onStatus', 0, null, isKnown
        ? { level: 'status', code: 'NetStream.Publish.Start' } : { level: 'error', code: 'NetStream.Publish.BadName', description: 'unknown stream key' }));
    }
  }
}

type Read = (length: number) => Promise<Buffer>;

/** Reads whole lengths of the connection. */
function readerOf(socket: tls.TLSSocket): Read {
  const chunks = socket[Symbol.asyncIterator]();
  let buffered = Buffer.alloc(0);
  return async (length) => {
    while (buffered.length < length) {
      const { value, done } = await chunks.next();
      if (done) throw new Error('the encoder closed the connection');
      buffered = Buffer.concat([buffered, value]);
    }
    const result = buffered.subarray(0, length);
    buffered = buffered.subarray(length);
    return result;
  };
}

interface Message {
  readonly type: number;
  readonly body: Buffer;
}

/** The messages of an encoder, which come in chunks. A chunk leaves out what is as in the previous chunk of its stream. */
async function* messagesOf(bytes: Read): AsyncGenerator<Message> {
  const streams = new Map<number, { length: number; type: number; parts: Buffer[]; isExtended: boolean }>();
  let chunkSize = 128;
  while (true) {
    const [first] = await bytes(1);
    // Two bits for the length of the header, and six for the stream.
    const [format, id] = [Math.floor(first / 64), first % 64];
    const stream = streams.get(id) ?? { length: 0, type: 0, parts: [], isExtended: false };
    streams.set(id, stream);
    const header = await bytes([11, 7, 3, 0][format]);
    if (header.length >= 3) stream.isExtended = header.readUIntBE(0, 3) === 0xffffff;
    if (header.length >= 7) Object.assign(stream, { length: header.readUIntBE(3, 3), type: header[6] });
    if (stream.isExtended) await bytes(4);
    const received = stream.parts.reduce((sum, { length }) => sum + length, 0);
    stream.parts.push(await bytes(Math.min(chunkSize, stream.length - received)));
    const body = Buffer.concat(stream.parts);
    if (body.length < stream.length) continue;
    stream.parts = [];
    if (stream.type === CHUNK_SIZE) chunkSize = body.readUInt32BE();
    yield { type: stream.type, body };
  }
}

/** A command of the server: one chunk, so at most 128 bytes. */
function command(...values: unknown[]): Buffer {
  const body = Buffer.concat(values.map(encoded));
  if (body.length > 128) throw new Error(`${body.length} bytes are more than one chunk`);
  return Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 0, body.length, COMMAND, 0, 0, 0, 0]), body]);
}

/** https://rtmp.veriskope.com/pdf/amf0-file-format-specification.pdf */
function encoded(value: unknown): Buffer {
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'number') {
    const number = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    number.writeDoubleBE(value, 1);
    return number;
  }
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), text(value)]);
  const members = Object.entries(value as object).flatMap(([name, item]) => [text(name), encoded(item)]);
  return Buffer.concat([Buffer.from([3]), ...members, Buffer.from([0, 0, 9])]);
}

function text(value: string): Buffer {
  return Buffer.concat([twoBytes(value.length), Buffer.from(value)]);
}

function twoBytes(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(number);
  return bytes;
}

function decoded(body: Buffer): unknown[] {
  let at = 0;
  const readText = () => {
    const length = body.readUInt16BE(at);
    at += 2 + length;
    return body.toString('utf8', at - length, at);
  };
  const read = (): unknown => {
    const type = body[at++];
    if (type === 0) return body.readDoubleBE((at += 8) - 8);
    if (type === 1) return body[at++] === 1;
    if (type === 2) return readText();
    if (type === 5) return null;
    if (type !== 3) throw new Error(`AMF0 type ${type}`);
    const object: Record<string, unknown> = {};
    for (let name = readText(); name !== ''; name = readText()) object[name] = read();
    // The end of an object is an empty name, and a marker.
    at += 1;
    return object;
  };
  const values: unknown[] = [];
  while (at < body.length) values.push(read());
  return values;
}

/** A new key, and a certificate for localhost. */
function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = certificateOf(privateKey, publicKey).toString('base64').replace(/.{64}/g, '$&\n');
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n` };
}

/** https://www.rfc-editor.org/rfc/rfc5280, in version 1, which has no extensions. */
function certificateOf(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const ecdsaWithSha256 = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
  const name = der(0x30, der(0x31, der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from('localhost')))));
  const validity = der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')));
  const content = der(0x30, der(0x02, Buffer.from([1])), ecdsaWithSha256, name, validity, name, publicKey.export({ type: 'spki', format: 'der' }) as Buffer);
  return der(0x30, content, ecdsaWithSha256, der(0x03, Buffer.from([0]), sign('sha256', content, privateKey)));
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x82, ...twoBytes(content.length)];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
