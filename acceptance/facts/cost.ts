import type { Fact } from '../fact';

const section = 'Cost';

export const COST_FACTS: readonly Fact[] = [
  {
    id: 'F-60',
    section,
    statement: 'The prices on the [cost page](cost.md) are current. They come from copies and quotations of AWS pages and AWS price lists',
    question: 'Do the prices agree with the AWS price list of today?',
    assumption: 'Yes.',
    behavior: 'None',
    whyNoProbe: 'The answer is in the price list of AWS, and a run reads no prices.',
  },
  {
    id: 'F-61',
    section,
    statement: 'The estimates of the cost page agree with an AWS bill',
    question: 'Does the bill of a month agree with the estimate?',
    assumption: 'Yes.',
    behavior: 'None',
    whyNoProbe: 'The answer is in the bill of a month.',
  },
  {
    id: 'F-62',
    section,
    statement: 'EventBridge doesn\'t bill the scheduled rule that starts the maintainer of a pool',
    question: 'Does the bill contain a charge for the scheduled rule?',
    assumption: 'No.',
    behavior: 'None. The cost page contains no cost for the rule',
    whyNoProbe: 'The answer is in the bill of a month.',
  },
];
