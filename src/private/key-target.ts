import type * as kms from 'aws-cdk-lib/aws-kms';

/** The key itself, or the target if the key is an alias. Undefined for an alias that is imported by its name, because its target isn't known. */
export function targetOf<Key extends kms.IKeyRef>(key: Key): Key | kms.IKey | undefined {
  if (!isAlias(key)) return key;
  try {
    return key.aliasTargetKey;
  } catch { // The getter of an alias that is imported by its name throws.
    return undefined;
  }
}

export function isAlias(key: kms.IKeyRef): key is kms.IAlias {
  return 'aliasName' in key;
}
