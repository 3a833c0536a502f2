import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..');

/** Files and folders that decide what the stacks of policy-stacks.ts synthesize to, and this file, which decides how the result is stored. */
const SOURCES = ['src', 'test/policy-stacks.ts', 'test/template-validation.ts', 'test/stored-templates.ts'];

const LIBRARIES = ['aws-cdk-lib', 'constructs'];

/** The resource types whose properties are stored. Of any other resource only the type is, because its properties may depend on lib/lambda. */
const STORED = ['AWS::DynamoDB::Table', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::Role'];

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Resources = Record<string, { readonly Type: string; readonly Properties?: any }>;

export type PolicyStack = keyof typeof import('./policy-stacks').POLICY_STACKS;

type Templates = Record<PolicyStack, Resources>;

let templates: Templates | undefined;

/**
 * The resources of a stack of policy-stacks.ts. All stacks are synthesized once for each state of the library and stored in
 * node_modules/.cache, so that a handler test doesn't load aws-cdk-lib, which takes seconds in each test file.
 */
export function resourcesOf(stack: PolicyStack): Resources {
  templates ??= stored();
  return templates[stack];
}

function stored(): Templates {
  const folder = path.join(ROOT, 'node_modules', '.cache', 'cdk-rtc', 'policies');
  const file = path.join(folder, `${keyOf(ROOT)}.json`);
  const found = readIfPresent(file);
  if (found) return JSON.parse(found);
  const text = JSON.stringify(synthesizeAll());
  try {
    mkdirSync(folder, { recursive: true });
    // Another test process may read or write the same file at this moment.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, text);
    renameSync(draft, file);
  } catch {
    // The folder is read-only: the next test file synthesizes again.
  }
  return JSON.parse(text);
}

export function synthesizeAll(): Templates {
  // Only here: loading this module loads aws-cdk-lib.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { POLICY_STACKS, synthesised } = require('./policy-stacks') as typeof import('./policy-stacks');
  return Object.fromEntries(Object.entries(POLICY_STACKS).map(([name, build]) => {
    const resources: Resources = synthesised(build).toJSON().Resources;
    const parts = Object.entries(resources).map(([id, { Type, Properties }]) => [id, STORED.includes(Type) ? { Type, Properties } : { Type }]);
    return [name, Object.fromEntries(parts)];
  })) as Templates;
}

/** A hash of everything that the stored templates depend on in the project in this folder. */
export function keyOf(root: string): string {
  const hash = createHash('sha256');
  const add = (name: string) => {
    const content = readFileSync(path.join(root, name));
    hash.update(`${name}\0${content.length}\0`).update(content);
  };
  for (const source of SOURCES) filesIn(root, source).forEach(add);
  for (const library of LIBRARIES) {
    const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules', library, 'package.json'), 'utf8'));
    hash.update(`${library}@${version}\0`);
  }
  return hash.digest('hex').slice(0, 32);
}

function filesIn(root: string, source: string): string[] {
  if (/\.\w+$/.test(source)) return [source];
  const entries = readdirSync(path.join(root, source), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))).sort();
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
