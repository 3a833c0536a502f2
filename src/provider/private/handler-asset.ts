import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { throwIfInvalid } from '../../private/errors';
import { LIBRARY_ROOT, LIBRARY_VERSION } from '../../private/shared-state';

/** A bundler moves the code of this library, so that this path leads to another folder. */
const FOLDER = path.join(LIBRARY_ROOT, 'lib', 'lambda');

/** The file in the folder of the handlers that names their package and version. */
const MARKER = 'cdk-rtc.json';

/** The code of the handlers. Any other code in its folder must not be deployed with the permissions of the handlers. */
export function handlerCode(scope: IConstruct): lambda.Code {
  const found = versionOf(FOLDER);
  if (found !== LIBRARY_VERSION) {
    throwIfInvalid(scope, [`handlers: ${FOLDER} must have the handlers of cdk-rtc ${LIBRARY_VERSION}, and has ${found === undefined ? 'none' : `those of ${found}`}. `
      + `If your app is bundled, leave cdk-rtc out of the bundle (esbuild: --external:cdk-rtc), or copy node_modules/cdk-rtc/lib/lambda to ${FOLDER}`]);
  }
  return lambda.Code.fromAsset(FOLDER);
}

function versionOf(folder: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(path.join(folder, MARKER), 'utf8'));
    return name === 'cdk-rtc' ? String(version) : undefined;
  } catch {
    return undefined;
  }
}
