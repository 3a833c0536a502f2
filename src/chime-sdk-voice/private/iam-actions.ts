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

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-iam.html */
export const READ_MEDIA = [
  'kinesisvideo:DescribeStream',
  'kinesisvideo:GetClip',
  'kinesisvideo:GetDataEndpoint',
  'kinesisvideo:GetMedia',
  'kinesisvideo:GetMediaForFragmentList',
  'kinesisvideo:ListFragments',
];
