/**
 * Writes docs/local-cloud-support.md: what the local cloud supports. Tests fail if the page differs from the emulators or from the running local cloud.
 *
 * tsx scripts/local-cloud-page.ts
 */
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { Emulator } from '../local/emulator';
import { startLocalCloud, type SupportedByLocalCloud } from '../local/launcher/local-cloud';

export const PAGE = path.join(__dirname, '..', 'docs', 'local-cloud-support.md');

/** The services that the emulator of this project has on the local cloud. The others of the emulator are for tests: ministack has these services. */
const REAL_TIME_SERVICES = ['kinesisvideo', 'kinesis-video-signaling', 'chime-sdk-voice', 'chime-sdk-meetings', 'chime', 'ivs-realtime'];

export function operationsTable(): string {
  const { services } = new Emulator();
  return table(['Service', 'Operations'], REAL_TIME_SERVICES.map((name) => {
    const { operations } = services.find((service) => service.name === name)!;
    return [`\`${name}\``, Object.keys(operations).sort().map((operation) => `\`${operation}\``).join(', ')];
  }));
}

export function localCloudPage({ resourceTypes, services }: SupportedByLocalCloud): string {
  const prefixes = [...new Set(resourceTypes.map((type) => type.split('::').slice(0, 2).join('::')))];
  const types = prefixes.map((prefix) => [
    `\`${prefix}\``, resourceTypes.filter((type) => type.startsWith(`${prefix}::`)).map((type) => `\`${type.slice(prefix.length + 2)}\``).join(', '),
  ]);
  return `# Services and resource types of the local cloud

This page lists the services, operations, and CloudFormation resource types that the [local cloud](local-cloud.md) supports. The command \`npx tsx scripts/local-cloud-page.ts\` writes this page, and a test compares it with the running local cloud.

The local cloud rejects everything else:

- A template with another resource type: \`Unrecognized resource types: [AWS::Connect::Instance]\`. Nothing is created.
- Another operation of a real-time service: \`The emulator of kinesisvideo doesn't support POST /…\`, with the list of the supported operations.
- Another service: \`The local cloud doesn't support POST /… of the service ivschat.\`

## Operations of the real-time services

${operationsTable()}

## Resource types

In addition to custom resources, the local cloud creates the following types. Apart from the resources of the real-time services, they behave as in ministack, the local AWS emulator, with these limits:

- An alarm on an expression (metric math) is stored, but its state doesn't change.
- An \`AWS::IoT::RoleAlias\` is stored. The credentials provider of AWS IoT isn't emulated.
- A VPC, its NAT gateways, and its endpoints carry no traffic.

${table(['Prefix', 'Types'], types)}

## Other services

The SDKs and the AWS CLI reach these services, by their names in signatures: ${services.map((service) => `\`${service}\``).join(', ')}. Their operations are those of ministack.
`;
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n').replaceAll('| --- ', '|---').replaceAll('--- |', '---|');
}

async function main(): Promise<void> {
  const cloud = await startLocalCloud({ bootstrap: false });
  try {
    writeFileSync(PAGE, localCloudPage(await cloud.supported()));
  } finally {
    await cloud.stop();
  }
}

if (require.main === module) void main();
