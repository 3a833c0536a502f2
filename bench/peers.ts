import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { progress } from './samples';

const PEERS = path.join(__dirname, 'peers');

/** In a tree of their own; they are to run on the same aws-cdk-lib as ours, so they get none beside them. */
export function installPeers(): void {
  const modules = path.join(PEERS, 'node_modules');
  if (existsSync(path.join(modules, 'cdk-amazon-chime-resources'))) return;
  progress('installing what is compared with (bench/peers)');
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd: PEERS, stdio: 'inherit' });
  for (const shared of ['aws-cdk-lib', 'constructs']) rmSync(path.join(modules, shared), { recursive: true });
}
