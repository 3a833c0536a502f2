const REDACTED = '[redacted]';

/** Members of requests, responses, and secrets that contain a credential. */
const SENSITIVE = /^(streamKey|joinToken|password|secretString|secretBinary|secretAccessKey|sessionToken|token|x-amz-security-token|x-amz-signature)$/i;

/** Credentials that are recognized by their form: access key IDs, JSON Web Tokens, and stream keys of Amazon IVS. */
const FORMS = [/\b(AKIA|ASIA)[A-Z0-9]{12,}\b/g, /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, /\b(sk|rt)_[a-z0-9-]+_[A-Za-z0-9]{6,}/g];

/** A shorter value is no credential of these services, and can be part of other words. */
const SHORTEST = 6;

/** Removes credentials and the account ID from everything that a run writes. */
export class Redactor {
  private readonly secrets = new Set<string>();

  private accountId?: string;

  /** Masks the account ID in every later text. */
  mask(accountId: string): void {
    this.accountId = accountId;
  }

  /** Remembers each credential in a request or a response, so that later texts that contain it are redacted. */
  learn(value: unknown): void {
    visit(value, (name, text) => {
      if (!SENSITIVE.test(name)) return;
      this.add(text);
      // The content of a secret.
      const content = parsed(text);
      if (content !== undefined) this.learn(content);
    });
  }

  add(secret: string): void {
    if (secret.length >= SHORTEST) this.secrets.add(secret);
  }

  /** The same value without credentials, and with a masked account ID. */
  redact<T>(value: T): T {
    return this.redacted(value, '') as T;
  }

  private redacted(value: unknown, name: string): unknown {
    if (typeof value === 'string') return SENSITIVE.test(name) ? REDACTED : this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.redacted(item, name));
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Uint8Array) return REDACTED;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.redacted(item, key)]));
  }

  private text(value: string): string {
    // A longer secret can contain a shorter one.
    const secrets = [...this.secrets].sort((a, b) => b.length - a.length);
    const known = secrets.reduce((text, secret) => text.replaceAll(secret, REDACTED), value);
    const unknown = FORMS.reduce((text, form) => text.replace(form, REDACTED), known);
    return this.accountId ? unknown.replaceAll(this.accountId, maskedAccount(this.accountId)) : unknown;
  }
}

/** The last four digits of an account ID, after eight asterisks. */
export function maskedAccount(accountId: string): string {
  return `********${accountId.slice(-4)}`;
}

function visit(value: unknown, found: (name: string, text: string) => void, name = ''): void {
  if (typeof value === 'string') return found(name, value);
  if (Array.isArray(value)) return value.forEach((item) => visit(item, found, name));
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const [key, item] of Object.entries(value)) visit(item, found, key);
  }
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // Not JSON.
  }
}
