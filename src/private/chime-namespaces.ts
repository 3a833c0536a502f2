/** The values of `namespace`. */
export const CHIME_SDK = 'CHIME_SDK';
export const CHIME = 'CHIME';

/** The legacy `chime` namespace has a single, global endpoint in this region. */
export const LEGACY_REGION = 'us-east-1';
