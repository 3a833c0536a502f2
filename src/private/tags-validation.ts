import type { TagProperty } from './contract';

/** The limits of a service for the tags of one resource. */
export interface TagLimits {
  readonly count: number;
  readonly pattern: RegExp;
  /** The resource type with which an app can exclude a tag. Absent if all tags come from one option. */
  readonly resourceType?: string;
}

/** The limit of every service. */
const SERVICE_LIMIT = 50;

/** Returns findings. The limit is the service's limit minus the owner tags. */
export function validateTags(tags: readonly TagProperty[], limits: TagLimits): string[] {
  const findings: string[] = [];
  if (tags.length > limits.count) {
    const { resourceType } = limits;
    const owners = limits.count < SERVICE_LIMIT ? ' in addition to the owner tags' : '';
    const wayOut = resourceType === undefined ? '' : `, or exclude them: Tags.of(scope).add(key, value, { excludeResourceTypes: [${JSON.stringify(resourceType)}] })`;
    findings.push(`tags: at most ${limits.count} are possible${owners}, got ${tags.length}; remove some${wayOut}`);
  }
  for (const { Key: key, Value: value } of tags) {
    if (key.length < 1 || key.length > 128) {
      findings.push(`tags: a key must have 1 to 128 characters, got ${key.length} (${JSON.stringify(key.slice(0, 40))})`);
    }
    if (value.length > 256) {
      findings.push(`tags: the value of ${JSON.stringify(key)} must have at most 256 characters, got ${value.length}`);
    }
    if (!limits.pattern.test(key) || !limits.pattern.test(value)) {
      findings.push(`tags: ${JSON.stringify(key)} or its value ${JSON.stringify(value)} has a character that the service rejects; allowed are letters, digits, spaces, and _.:/=+-@`);
    }
    if (key === '__proto__') {
      findings.push('tags: "__proto__" cannot be a key in JavaScript, in which the service is called; choose another key');
    }
    if (/^(aws|cdk-rtc):/i.test(key)) {
      findings.push(`tags: ${JSON.stringify(key)} starts with a reserved prefix (aws: or cdk-rtc:); choose another key`);
    }
  }
  return findings;
}
