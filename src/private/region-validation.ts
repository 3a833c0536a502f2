const REGION = /^[a-z]{2,}(-[a-z]+)*-\d{1,2}$/;

/** Rejects a text that can't be a region. A region without the service causes only a warning, because services add regions. */
export function validateRegion(property: string, region: string | undefined): string[] {
  if (region === undefined || REGION.test(region)) return [];
  return [`${property}: must be the name of a region, such as us-east-1, got ${JSON.stringify(region.slice(0, 80))}; leave it out for the default`];
}
