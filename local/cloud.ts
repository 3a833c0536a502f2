/* The local cloud without the demo, for your own app: npm run cloud */
import { parseArgs } from 'node:util';
import { endRequested } from './launcher/owned-processes';
import { shellSettings, startParts } from './start';

const USAGE = 'npm run cloud [-- --port 4566] [--region us-east-1]';

const started = Date.now();

function say(text: string): void {
  console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

function options(): { readonly port?: number; readonly region?: string } {
  const { values: { port, region } } = parseArgs({ options: { port: { type: 'string' }, region: { type: 'string' } } });
  if (port !== undefined && !/^[1-9]\d{0,4}$/.test(port)) throw new Error(`--port ${port}: must be a port number. ${USAGE}`);
  return { port: port === undefined ? undefined : Number(port), region };
}

async function main(): Promise<void> {
  const { cloud, page } = await startParts({ ...options(), onProgress: say });
  say('the local cloud is ready');
  console.log(`
The page of the local cloud: ${page.url}
In another terminal, also in the folder of your own app:

${shellSettings(cloud.env).join('\n')}
npx cdk deploy

The settings apply to that terminal only. Ctrl-C here stops the local cloud and deletes everything in it.`);
}

void endRequested().then(() => {
  console.log();
  say('stopped');
  process.exit(0); // the processes and folders of the local cloud end with this one
});
main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
