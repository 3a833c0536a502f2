import * as fs from 'node:fs';
import * as path from 'node:path';
import * as cdk from 'aws-cdk-lib';
import * as typescript from 'typescript';
import * as library from '../../src';

const FOLDER = path.join(__dirname, '..', '..', 'examples', 'typescript');

/** A new example is found by its app. */
export const EXAMPLES = fs.readdirSync(FOLDER).filter((name) => fs.existsSync(path.join(FOLDER, name, 'app.ts')));

/** The TypeScript source of an example. */
export const exampleSource = (name: string): string => fs.readFileSync(path.join(FOLDER, name, 'app.ts'), 'utf8');

/**
 * The app that an example makes, with this very aws-cdk-lib: linters ask `instanceof`. Run as it stands, but for the package that it
 * imports by its name, and for the app, of which an example keeps no reference.
 */
export function exampleApp(name: string, context: Record<string, unknown> = {}): cdk.App {
  return appOf(exampleSource(name), context);
}

/** The same for any source of one file. */
export function appOf(source: string, context: Record<string, unknown> = {}): cdk.App {
  let made: cdk.App | undefined;
  class ExampleApp extends cdk.App {
    constructor(props?: cdk.AppProps) {
      super({ context, ...props });
      made = this;
    }
  }
  const modules: Record<string, unknown> = {
    'cdk-rtc': library,
    // Not a copy: to read a member of aws-cdk-lib is to load a module of it.
    'aws-cdk-lib': Object.create(cdk, { App: { value: ExampleApp } }),
  };
  const { outputText } = typescript.transpileModule(source, {
    compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
  });
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  new Function('require', 'exports', outputText)((id: string) => modules[id] ?? require(id), {});
  return made!;
}
