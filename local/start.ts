import { Emulator, type RunningServer, startServer } from './emulator';
import { type LocalCloud, RTC_SERVICES, startLocalCloud } from './launcher/local-cloud';
import { cloudSource } from './page/cloud-source';
import { type RunningPage, startPage } from './page/server';

/** The parts of the local cloud. They end with this program, or with `stop`. */
export interface RunningParts {
  readonly emulator: Emulator;
  readonly server: RunningServer;
  readonly cloud: LocalCloud;
  readonly page: RunningPage;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** The port of the endpoint. Default: a free port. */
  readonly port?: number;
  /** Default: us-east-1. */
  readonly region?: string;
  readonly onProgress: (message: string) => void;
}

/** Starts the emulators of the real-time services, the local AWS that is bootstrapped for the CDK, and the page. */
export async function startParts({ port, region, onProgress }: StartOptions): Promise<RunningParts> {
  let cloud: LocalCloud | undefined;
  let page: RunningPage | undefined;
  const emulator = new Emulator({ principals: async (accessKeyId) => cloud?.principal(accessKeyId) as never });
  const server = await startServer(emulator);
  const stop = async () => {
    await page?.close();
    await cloud?.stop();
    await server.close();
  };
  try {
    onProgress(`real-time services on ${server.url}, IAM enforced`);
    cloud = await startLocalCloud({ emulatorUrl: server.url, port, region, onProgress });
    page = await startPage({ emulator, cloud: cloudSource(cloud), services: Object.values(RTC_SERVICES) });
    return { emulator, server, cloud, page, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The shell commands that point the CDK CLI, the AWS CLI, and the SDKs at the local cloud, and at no account. */
export function shellSettings(env: Record<string, string>, userEnv: NodeJS.ProcessEnv = process.env): string[] {
  const isSetting = (name: string) => /^(AWS|CDK)_/.test(name);
  const foreign = Object.keys(userEnv).filter((name) => (isSetting(name) || /_proxy$/i.test(name)) && !(name in env)).sort();
  return [
    ...foreign.length > 0 ? [`unset ${foreign.join(' ')}`] : [],
    ...Object.entries(env).filter(([name]) => isSetting(name)).map(([name, value]) => `export ${name}=${quoted(value)}`),
  ];
}

function quoted(value: string): string {
  return /^[\w./:@-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
