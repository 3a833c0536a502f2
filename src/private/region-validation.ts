const REGION = /^[a-z]{2,}(-[a-z]+)*-\d{1,2}$/;

/** Pure: what no region is called. Whether the service is in it only warns: there will be more. */
export function validateRegion(property: string, region: string | undefined): string[] {
  if (region === undefined || REGION.test(region)) return [];
  return [`${property}: must be the name of a region, as us-east-1, got ${JSON.stringify(region.slice(0, 80))}; leave it out for the usual one`];
}
