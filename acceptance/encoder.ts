import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as path from 'node:path';

/** Where an encoder publishes. */
export interface Destination {
  readonly rtmpsEndpoint: string;
  readonly streamKey: string;
}

/** A stream that an encoder publishes. */
export interface Publication {
  /** The failure of the encoder, or undefined if it ended without a failure. The message doesn't contain the stream key. */
  readonly ended: Promise<Error | undefined>;
  /** Ends the stream. */
  stop(): void;
}

/** Publishes a generated film. */
export type Encoder = (destination: Destination, seconds: number) => Publication;

/** The path of FFmpeg, if it is installed. */
export function ffmpegOnPath(pathVariable = process.env.PATH ?? ''): string | undefined {
  const names = process.platform === 'win32' ? ['ffmpeg.exe'] : ['ffmpeg'];
  return pathVariable.split(path.delimiter).filter(Boolean).flatMap((folder) => names.map((name) => path.join(folder, name))).find(existsSync);
}

/** A generated film, published as the documentation of IVS describes it. */
export function publishingArguments({ rtmpsEndpoint, streamKey }: Destination, seconds: number): string[] {
  return [
    '-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=30', '-f', 'lavfi', '-i', 'sine', '-t', String(seconds),
    '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-profile:v', 'baseline', '-bf', '0', '-g', '60', '-b:v', '500k', '-c:a', 'aac', '-ar', '48000', '-f', 'flv',
    `${rtmpsEndpoint}${streamKey}`,
  ];
}

export interface Waits {
  /** Seconds in addition to the length of the film, after which the connection has stalled. */
  readonly connection: number;
  /** Seconds in which FFmpeg closes its connection. */
  readonly stop: number;
}

/** FFmpeg as the encoder. */
export function ffmpegEncoder(executable: string, waits: Waits = { connection: 60, stop: 5 }): Encoder {
  return (destination, seconds) => {
    // An empty key would also be an empty text to remove from errors.
    if (!destination.streamKey) throw new Error('There is no stream key.');
    const child = spawn(executable, publishingArguments(destination, seconds), { stdio: ['ignore', 'ignore', 'pipe'] });
    const errors: Buffer[] = [];
    let isStopped = false;
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    // FFmpeg writes the URL, which contains the key, into its errors.
    const failure = (reason: string) => new Error(`FFmpeg ${reason}`.replaceAll(destination.streamKey, '[redacted]').trim());
    const ended = new Promise<Error | undefined>((resolve) => {
      child.once('error', ({ message }) => resolve(failure(`didn't start: ${message}`)));
      child.once('close', (code) => resolve(code === 0 || isStopped ? undefined : failure(`ended with ${code}: ${Buffer.concat(errors).toString().trim()}`)));
    });
    const kill = setTimeout(() => child.kill('SIGKILL'), 1000 * (seconds + waits.connection));
    void ended.then(() => clearTimeout(kill));
    const stop = () => {
      isStopped = true;
      child.kill();
      const killLater = setTimeout(() => child.kill('SIGKILL'), 1000 * waits.stop);
      void ended.then(() => clearTimeout(killLater));
    };
    return { ended, stop };
  };
}
