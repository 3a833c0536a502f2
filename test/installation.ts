import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const PROJECT = path.join(__dirname, '..');

/** Decorators as jsii compiles them. */
const TSCONFIG = JSON.stringify({ compilerOptions: { experimentalDecorators: true, target: 'ES2022', useDefineForClassFields: false } });

/** A folder with an app and its node_modules: the AWS CDK, and one or more copies of this library. Programs run in processes of their own. */
export class Installation {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'cdk-rtc-installation-')));

  constructor() {
    mkdirSync(path.join(this.folder, 'node_modules'));
    for (const name of ['aws-cdk-lib', 'constructs']) {
      symlinkSync(path.dirname(require.resolve(`${name}/package.json`)), path.join(this.folder, 'node_modules', name));
    }
  }

  /** A copy as the package manager installs it: compiled, with handlers. Its folder comes back. */
  installCopy(version: string, parent = ''): string {
    const folder = path.join(this.folder, parent, 'node_modules', 'cdk-rtc');
    const sources = readdirSync(path.join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    execFileSync(path.join(PROJECT, 'node_modules', '.bin', 'esbuild'), [
      ...sources.map((file) => path.join('src', file)), '--outbase=src', `--outdir=${path.join(folder, 'lib')}`,
      '--format=cjs', '--platform=node', '--target=node20', '--log-level=warning', `--tsconfig-raw=${TSCONFIG}`,
    ], { cwd: PROJECT });
    this.write(path.join(folder, 'package.json'), JSON.stringify({ name: 'cdk-rtc', version, main: 'lib/index.js' }));
    this.write(path.join(folder, 'lib', 'lambda', 'index.js'), 'exports.onEvent = exports.isComplete = async () => ({});');
    this.write(path.join(folder, 'lib', 'lambda', 'cdk-rtc.json'), JSON.stringify({ name: 'cdk-rtc', version }));
    return folder;
  }

  write(file: string, content: string): string {
    const target = path.resolve(this.folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
    return target;
  }

  /** Bundles a program with the library in it, unless that is among the `external` ones, and the AWS CDK outside of it. */
  bundle(entry: string, outfile: string, external: string[] = []): string {
    const target = path.join(this.folder, outfile);
    execFileSync(path.join(PROJECT, 'node_modules', '.bin', 'esbuild'), [
      path.join(this.folder, entry), '--bundle', `--outfile=${target}`, '--format=cjs', '--platform=node', '--target=node20', '--log-level=warning',
      ...['aws-cdk-lib', 'constructs', ...external].map((name) => `--external:${name}`),
    ], { cwd: this.folder });
    return target;
  }

  /** Runs a program; what it hands to `answer` comes back. */
  run(program: string): any {
    return this.runFile(this.write('app.js', `${ANSWER}${program}`));
  }

  runFile(file: string): any {
    // Assemblies go into a temporary folder, and nothing is synthesized at the end by itself, as CDK_OUTDIR would make it.
    const { CDK_OUTDIR, ...environment }: NodeJS.ProcessEnv = { ...process.env, TMPDIR: this.folder };
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], { cwd: this.folder, encoding: 'utf8', env: environment });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout.trim().split('\n').at(-1)!);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** At the top of each program: `answer(value)`, and `messageOf(action)`, the message of the error that an action throws. */
export const ANSWER = `
  const answer = (value) => console.log(JSON.stringify(value));
  const messageOf = (action) => { try { action(); } catch (error) { return error.message; } };
`;
