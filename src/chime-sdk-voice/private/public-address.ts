/** IPv4 networks that no SIP host on the internet has an address in. */
const NOT_PUBLIC: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.168.0.0', 16], ['224.0.0.0', 3],
];

/** Pure: an IPv4 address as a number. Undefined: the text is no IPv4 address. */
export function parseIpv4(text: string): number | undefined {
  const octets = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text)?.slice(1).map(Number);
  if (!octets || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((address, octet) => address * 256 + octet, 0);
}

/** Pure: the network that makes an address unreachable from the internet, for example 10.0.0.0/8. Undefined: the address is public. */
export function networkThatIsNotPublic(address: number): string | undefined {
  const found = NOT_PUBLIC.find(([network, prefix]) => networkOf(address, prefix) === parseIpv4(network));
  return found?.join('/');
}

/** Pure: the address with its host bits set to zero. */
export function networkOf(address: number, prefix: number): number {
  const hosts = 2 ** (32 - prefix);
  return Math.floor(address / hosts) * hosts;
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.');
}
