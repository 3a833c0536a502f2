/*
 * Public contract: a deployed stack finds its handler by these types. In a file of their own, because every function loads them, and not the validation of the
 * properties.
 */
export const INGEST_CONFIGURATION_RESOURCE_TYPE = 'Custom::RtcIngestConfiguration';
export const REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE = 'Custom::RtcRealTimeStageEndpoints';
