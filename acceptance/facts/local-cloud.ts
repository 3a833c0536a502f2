import type { Fact } from '../fact';

const section = 'Local cloud';

export const LOCAL_CLOUD_FACTS: readonly Fact[] = [
  {
    id: 'F-70',
    section,
    statement: 'The behavior of CloudFormation and Lambda that the [launcher](../local/launcher/README.md#changes-in-ministack-and-the-aws-behavior-that-they-imitate) marks as assumed',
    question: 'Does CloudFormation send the requests that the launcher sends?',
    assumption: 'Yes.',
    behavior: 'The [simulation](reliability.md#evidence) tests each form of a rollback',
    whyNoProbe: 'The fact is a collection of behaviors. The lifecycle cases of a run show each of them.',
  },
];
