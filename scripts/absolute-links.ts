import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

/*
 * Gives links and pictures of the README their full address, in the assembly alone: the packages of other languages show it on pages that do not
 * know the repository. The file itself keeps relative ones, which hold in every clone, branch and fork, and on npm. Needs `projen compile`.
 */
const ASSEMBLY = '.jsii.gz';
const { repository } = JSON.parse(readFileSync('package.json', 'utf8')) as { repository: { url: string } };
const [, name] = /github\.com\/(.+)\.git$/.exec(repository.url)!;
const FILES = `https://github.com/${name}/blob/main/`;
const PICTURES = `https://raw.githubusercontent.com/${name}/main/`;

/** Pure: what is neither a full address nor a place on the page itself. */
function withFullAddresses(markdown: string): string {
  return markdown
    .replace(/(!?\[(?:[^[\]]|\[[^\]]*\])*\])\((?!https?:|#)([^)]+)\)/g, (_, text: string, target: string) => `${text}(${text.startsWith('!') ? PICTURES : FILES}${target})`)
    .replace(/\b(src|srcset)="(?!https?:)([^"]+)"/g, (_, attribute: string, target: string) => `${attribute}="${PICTURES}${target}"`);
}

const assembly = JSON.parse(gunzipSync(readFileSync(ASSEMBLY)).toString()) as { readme: { markdown: string } };
assembly.readme.markdown = withFullAddresses(assembly.readme.markdown);
writeFileSync(ASSEMBLY, gzipSync(JSON.stringify(assembly)));
