export interface SecretsManagerOptions {
  /** How many of the newest versions stay that have no staging label. None is removed within 24 hours. Default: 100. */
  readonly deprecatedVersions?: number;
  /** Milliseconds for which a secret deleted without recovery still occupies its name. Default: 0. */
  readonly deletion?: number;
}

/** Calls per second as documented; several operations count together. */
export const rates = {
  GetSecretValue: { shared: { name: 'read', perAccount: 10_000 } },
  DescribeSecret: { shared: { name: 'read', perAccount: 10_000 } },
  PutSecretValue: { shared: { name: 'write', perAccount: 50 } },
  UpdateSecretVersionStage: { shared: { name: 'write', perAccount: 50 } },
  TagResource: { shared: { name: 'tag', perAccount: 50 } },
  UntagResource: { shared: { name: 'tag', perAccount: 50 } },
  CreateSecret: { perAccount: 50 },
  DeleteSecret: { perAccount: 50 },
  RestoreSecret: { perAccount: 50 },
  ListSecretVersionIds: { perAccount: 50 },
};
