import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { progress } from './samples';

const PEERS = path.join(__dirname, 'peers');

/** The peers have their own node_modules tree without aws-cdk-lib, so that they use the same aws-cdk-lib as this library. */
export function installPeers(): void {
  const modules = path.join(PEERS, 'node_modules');
  if (existsSync(path.join(modules, 'cdk-amazon-chime-resources'))) return;
  progress('installing what is compared with (bench/peers)');
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd: PEERS, stdio: 'inherit' });
  for (const shared of ['aws-cdk-lib', 'constructs']) rmSync(path.join(modules, shared), { recursive: true });
}
