import { awsRequest } from '../engine/aws-request';

/** How a stack stands, as far as it decides whether what is desired may be compared with what is there. */
export interface Deployment {
  readonly status: string;
  /** While it is, resources follow one after the other. */
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
      if (status === undefined) throw new Error(`no status of ${stackId} in the answer of DescribeStacks`);
      return { status, isUnderWay: status.endsWith('_IN_PROGRESS'), updatedAt: member('LastUpdatedTime') ?? '' };
    },
  };
}
