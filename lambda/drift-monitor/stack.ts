import { awsRequest } from '../engine/aws-request';

/** The state of a stack that decides whether the desired state can be compared with the observed state. */
export interface Deployment {
  readonly status: string;
  /** During an operation, the resources change one after another. */
  readonly isUnderWay: boolean;
  readonly updatedAt: string;
}

export interface Deployments {
  last(stackId: string): Promise<Deployment>;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
export function deploymentsOf(region: string): Deployments {
  return {
    last: async (stackId) => {
      const answer = await awsRequest({
        service: 'cloudformation',
        endpointVariable: 'AWS_ENDPOINT_URL_CLOUDFORMATION',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ Action: 'DescribeStacks', Version: '2010-05-15', StackName: stackId }).toString(),
        region,
      });
      const member = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer)?.[1];
      const status = member('StackStatus');
      if (status === undefined) throw new Error(`DescribeStacks: the response contains no status of ${stackId}`);
      return { status, isUnderWay: status.endsWith('_IN_PROGRESS'), updatedAt: member('LastUpdatedTime') ?? '' };
    },
  };
}
