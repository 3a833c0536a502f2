/** The properties of AWS::IVS::StorageConfiguration. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ivs-storageconfiguration.html */
export interface StorageConfigurationProperties {
  readonly Name: string;
  readonly S3: { readonly BucketName: string };
}

export const STORAGE_CONFIGURATION_RESOURCE_TYPE = 'AWS::IVS::StorageConfiguration';
