import * as fs from 'node:fs';
import * as path from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, type NagPack, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';

export interface Finding {
  readonly rule: string;
  readonly path: string;
}

/** All packs of cdk-nag. */
export const PACKS: (new () => NagPack)[] = [
  AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks,
];

/** What a user sees who has the packs in his app: synthesis fails on errors, and leaves its report. */
export function nagFindings(app: App): Finding[] {
  Validations.of(app).addPlugins(...PACKS.map((Pack) => new Pack()));
  return reportOf(app).filter(({ plugin }) => plugin !== CLOUDFORMATION).map(({ rule, path: where }) => ({ rule, path: where }));
}

const CLOUDFORMATION = 'CloudFormation Validate';

/** What aws-cdk-lib itself finds: annotations of constructs, and its check of the templates. */
export function synthesisFindings(app: App): string[] {
  Object.assign(app, { [Symbol.for('cdk-rtc:test:findings-are-read')]: true });
  return reportOf(app).map(({ rule, path: where }) => `${where}: ${rule}`);
}

function reportOf(app: App): (Finding & { plugin: string })[] {
  const error = quietly(() => app.synth());
  const file = path.join(app.outdir, 'validation-report.json');
  if (!fs.existsSync(file)) throw error ?? new Error(`no ${file}`);
  const { pluginReports } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return pluginReports.flatMap(({ pluginName, violations }: any) => violations.flatMap(({ ruleName, violatingConstructs }: any) =>
    violatingConstructs.map(({ constructPath }: any) => ({ plugin: pluginName, rule: ruleName, path: constructPath }))));
}

/** Synthesis shows its findings on the terminal, too. */
function quietly(work: () => unknown): Error | undefined {
  const outputs = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error'), jest.spyOn(process.stderr, 'write'), jest.spyOn(process.stdout, 'write')];
  for (const output of outputs) (output as jest.SpyInstance).mockImplementation(() => true);
  try {
    work();
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    for (const output of outputs) output.mockRestore();
  }
}
