/* eslint-disable @typescript-eslint/no-explicit-any */
/**
 * Takes the place of `@smithy/signature-v4` in the simulation's bundle of the handlers: who calls, in which region, and which service is said as in
 * a true signature, whose hashes nobody here would look at.
 */
export class SignatureV4 {
  constructor(private readonly options: any) {}

  async sign(request: any, { signingRegion, signingService }: any = {}): Promise<any> {
    const given = this.options.credentials;
    const { accessKeyId } = typeof given === 'function' ? await given() : given;
    const region = signingRegion ?? (typeof this.options.region === 'function' ? await this.options.region() : this.options.region);
    const scope = `${accessKeyId}/20260101/${region}/${signingService ?? this.options.service}/aws4_request`;
    return { ...request, headers: { ...request.headers, authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}` } };
  }
}

/** What the multi-region signer asks for at load; nothing is signed with it. */
export const signatureV4aContainer = {};
