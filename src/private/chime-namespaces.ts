/** The values of `namespace`. */
export const CHIME_SDK = 'CHIME_SDK';
export const CHIME = 'CHIME';

/** Legacy `chime` has one endpoint for the whole world. */
export const LEGACY_REGION = 'us-east-1';
