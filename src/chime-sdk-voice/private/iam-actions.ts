/** The IAM actions around voice connectors, by purpose. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonchime.html */

export const CONFIGURE_STREAMING = [
  'chime:DeleteVoiceConnectorStreamingConfiguration',
  'chime:GetVoiceConnectorStreamingConfiguration',
  'chime:ListTagsForResource',
  'chime:PutVoiceConnectorStreamingConfiguration',
  'chime:TagResource',
  'chime:UntagResource',
];

/** What the drift monitor reads of it. */
export const COMPARE_STREAMING = ['chime:GetVoiceConnectorStreamingConfiguration', 'chime:ListTagsForResource'];

/** What the service asks for on the pipeline configuration when streaming is configured with it. */
export const USE_MEDIA_INSIGHTS = ['chime:GetMediaInsightsPipelineConfiguration', 'chime:PutVoiceConnectorStreamingConfiguration'];

/** What the handlers call for termination, credentials, origination, and logging. */
export const CONFIGURE_SETTINGS = [
  'chime:DeleteVoiceConnectorOrigination',
  'chime:DeleteVoiceConnectorTermination',
  'chime:DeleteVoiceConnectorTerminationCredentials',
  'chime:GetVoiceConnectorLoggingConfiguration',
  'chime:GetVoiceConnectorOrigination',
  'chime:GetVoiceConnectorTermination',
  'chime:ListTagsForResource',
  'chime:ListVoiceConnectorTerminationCredentials',
  'chime:PutVoiceConnectorLoggingConfiguration',
  'chime:PutVoiceConnectorOrigination',
  'chime:PutVoiceConnectorTermination',
  'chime:PutVoiceConnectorTerminationCredentials',
  'chime:TagResource',
  'chime:UntagResource',
];

/** What the drift monitor reads of them. */
export const COMPARE_SETTINGS = [
  'chime:GetVoiceConnectorLoggingConfiguration',
  'chime:GetVoiceConnectorOrigination',
  'chime:GetVoiceConnectorTermination',
  'chime:ListTagsForResource',
  'chime:ListVoiceConnectorTerminationCredentials',
];

/** What the handlers call to order, change, and release phone numbers. The service supports no resource and no condition for these actions. */
export const MANAGE_PHONE_NUMBERS = [
  'chime:CreatePhoneNumberOrder',
  'chime:DeletePhoneNumber',
  'chime:GetPhoneNumber',
  'chime:ListPhoneNumberOrders',
  'chime:ListPhoneNumbers',
  'chime:RestorePhoneNumber',
  'chime:SearchAvailablePhoneNumbers',
  'chime:UpdatePhoneNumber',
];

/** What the handlers and the drift monitor call to read a phone number and its association. */
export const COMPARE_PHONE_NUMBERS = ['chime:GetPhoneNumber'];

/** What the handlers call to associate phone numbers. The owner of an association is in a tag of the voice connector. */
export const ASSOCIATE_PHONE_NUMBERS = [
  'chime:AssociatePhoneNumbersWithVoiceConnector',
  'chime:DisassociatePhoneNumbersFromVoiceConnector',
  'chime:ListTagsForResource',
  'chime:TagResource',
  'chime:UntagResource',
];

/** What the drift monitor reads of the voice connector. */
export const COMPARE_ASSOCIATIONS = ['chime:ListTagsForResource'];

/** What the service asks of the caller when logging is configured. https://docs.aws.amazon.com/chime-sdk/latest/ag/monitoring-cloudwatch.html */
export const DELIVER_LOGS = [
  'logs:CreateLogDelivery',
  'logs:CreateLogGroup',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
];

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-iam.html */
export const READ_MEDIA = [
  'kinesisvideo:DescribeStream',
  'kinesisvideo:GetClip',
  'kinesisvideo:GetDataEndpoint',
  'kinesisvideo:GetMedia',
  'kinesisvideo:GetMediaForFragmentList',
  'kinesisvideo:ListFragments',
];
