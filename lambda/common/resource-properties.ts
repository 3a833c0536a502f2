/** Without the properties that are for CloudFormation itself, which delivers them among those of the resource. */
export function resourceProperties({ ServiceToken, ServiceTimeout, ...properties }: Record<string, unknown>): Record<string, unknown> {
  return properties;
}
