/** The prices in US dollars for us-east-1, from docs/cost.md, and the day on which they were collected. */
export const PRICES_OF = '2026-11-29';

export const PRICES = {
  lambdaMillionRequests: 0.20,
  lambdaGbSecond: 0.0000166667,
  stepFunctionsThousandTransitions: 0.025,
  secretMonth: 0.40,
  keyMonth: 1.00,
  metricMonth: 0.30,
  activeChannelMonth: 0.03,
} as const;

/** About 1 US dollar, by user reports. AWS publishes the price in the console. */
export const PHONE_NUMBER_PRICE = 1.00;

/** For usage whose price wasn't looked up: some minutes of one IVS publisher and its recording, log data, and requests to the other services. */
export const RESERVE = 0.10;

export const HOURS_PER_MONTH = 730;
