import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { application } from './application';

/** One synthesis. The clock starts where an app has loaded the core of aws-cdk-lib: what a candidate loads besides is its own. */
const [file, count, validation] = process.argv.slice(2);
const outdir = mkdtempSync(path.join(tmpdir(), 'cdk-rtc-bench-'));
const start = performance.now();
const cpu = process.cpuUsage();
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { candidate } = require(path.join(__dirname, 'candidates', file));
application(candidate, Number(count), { outdir, validation: validation === 'true' }).app.synth();
const own = process.cpuUsage(cpu);
const whole = process.cpuUsage();
console.log(JSON.stringify({ cpuSeconds: seconds(own), processSeconds: seconds(whole), wallSeconds: (performance.now() - start) / 1e3 }));
rmSync(outdir, { recursive: true });

function seconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}
