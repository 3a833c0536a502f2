import { snippetsIn } from '../docs/snippets';

/** A TypeScript snippet of the documentation. */
export interface Snippet {
  readonly page: string;
  /** Its position on the page: 1 is the first snippet. */
  readonly number: number;
  readonly code: string;
}

export function snippetsOf(page: string, markdown: string): Snippet[] {
  return snippetsIn(markdown, 'ts').map((code, index) => ({ page, number: index + 1, code }));
}

const DECLARATION = /^declare const (\w+): ([\w.]+);/gm;

/**
 * An app with all snippets. The snippets of one or more pages share a stack, in which each snippet has a scope of its own. A snippet that refers to its stack
 * has a stack of its own. `fixture` declares the names that every snippet can use.
 */
export function snippetApp(snippets: Snippet[], fixture: string): string {
  const imports = fixture.match(/^import .*$/gm)!.join('\n');
  const common = [...fixture.matchAll(DECLARATION)];
  const functions = snippets.map(({ page, number, code }) => {
    const used = common.filter(([, name]) => new RegExp(`\\b${name}\\b`).test(code)).map(([line]) => `${line}\n`).join('');
    const body = `${used}${code}`.replace(DECLARATION, "const $1 = given(this, '$1', '$2');");
    return `${needsStack(code) ? 'addStack' : 'addToPage'}('${page}', ${number}, function (this: any) {\n${parametersIn(code)}${body}});\n`;
  });
  return [
    imports,
    "import { CfnParameter, Validations as AppValidations } from 'aws-cdk-lib';",
    "import { given } from './given';",
    "import { addStack, addToPage, app as snippetApp } from './stacks';",
    "import { withoutTemplateValidation } from './template-validation';",
    '',
    'AppValidations.of(snippetApp).addPlugins(withoutTemplateValidation);',
    '',
    ...functions,
  ].join('\n');
}

const needsStack = (code: string) => /RtcProvider\.configure\(this|Fn\.ref\(/.test(code);

/** A template that refers to a parameter has this parameter. */
function parametersIn(code: string): string {
  return [...code.matchAll(/Fn\.ref\('(\w+)'\)/g)].map(([, name]) => `new CfnParameter(this, '${name}', { default: 'production' });\n`).join('');
}
