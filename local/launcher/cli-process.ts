import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { disown, killGroup, own } from './owned-processes';

export interface CliCommand {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
}

/** A process of cli-host.cjs, which has loaded the CDK CLI or is about to. It runs one command at a time. */
export class CliProcess {
  private readonly mark = `cdk-rtc-${randomUUID()}-`;
  private readonly child: ChildProcess;
  private readonly owned: ReturnType<typeof own>;
  private current?: { readonly keep: (line: string) => void; readonly end: (exitCode: number) => void; ends: number; exitCode: number };
  private readonly closed: Promise<void>;
  private hasEnded = false;

  constructor() {
    this.child = spawn(process.execPath, [path.join(__dirname, 'cli-host.cjs'), this.mark], {
      env: { PATH: process.env.PATH }, // each command has an environment of its own
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true, // a group of its own, with the apps that it runs
    });
    this.owned = own(this.child);
    for (const stream of [this.child.stdout!, this.child.stderr!]) createInterface({ input: stream }).on('line', (line) => this.read(line));
    this.closed = new Promise((resolve) => {
      const gone = () => {
        this.kill();
        this.current?.end(1);
        resolve();
      };
      this.child.once('error', gone).once('close', gone);
    });
    this.hold(false);
  }

  /** Whether it can run a command now. */
  public get isIdle(): boolean {
    return !this.hasEnded && !this.current;
  }

  /** The exit code; `keep` gets every line of both outputs. */
  public async run(command: CliCommand, keep: (line: string) => void): Promise<number> {
    if (!this.isIdle) throw new Error('The process of the CDK CLI runs another command, or has ended.');
    this.hold(true);
    try {
      return await new Promise<number>((resolve) => {
        this.current = { keep, end: resolve, ends: 0, exitCode: 1 };
        this.child.send(command);
      });
    } finally {
      this.current = undefined;
      this.hold(false);
    }
  }

  public async end(): Promise<void> {
    this.hold(true);
    this.kill();
    await this.closed;
  }

  private kill(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    killGroup(this.child);
    disown(this.owned);
  }

  private read(line: string): void {
    const { current, mark } = this;
    if (!current) return;
    const at = line.indexOf(mark);
    if (at < 0) return current.keep(line);
    if (at > 0) current.keep(line.slice(0, at)); // an output without a line end
    const exitCode = line.slice(at + mark.length);
    if (exitCode) current.exitCode = Number(exitCode);
    current.ends += 1;
    if (current.ends === 2) current.end(current.exitCode);
  }

  /** Only a command keeps our own process running. */
  private hold(isRunning: boolean): void {
    const { child } = this;
    for (const handle of [child, child.channel, child.stdout as Socket | null, child.stderr as Socket | null]) handle?.[isRunning ? 'ref' : 'unref']();
  }
}
