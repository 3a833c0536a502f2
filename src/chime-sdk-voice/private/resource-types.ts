/*
 * Public contract: a deployed stack finds its handler by these types. In a file of their own, because every function loads them, and not the validation of the
 * properties.
 */
export const VOICE_CONNECTOR_STREAMING_RESOURCE_TYPE = 'Custom::RtcVoiceConnectorStreaming';
export const VOICE_CONNECTOR_TERMINATION_RESOURCE_TYPE = 'Custom::RtcVoiceConnectorTermination';
export const VOICE_CONNECTOR_ORIGINATION_RESOURCE_TYPE = 'Custom::RtcVoiceConnectorOrigination';
export const VOICE_CONNECTOR_LOGGING_RESOURCE_TYPE = 'Custom::RtcVoiceConnectorLogging';
export const PHONE_NUMBER_RESOURCE_TYPE = 'Custom::RtcPhoneNumber';
export const PHONE_NUMBER_ASSOCIATION_RESOURCE_TYPE = 'Custom::RtcPhoneNumberAssociation';
