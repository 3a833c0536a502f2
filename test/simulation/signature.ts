/* eslint-disable @typescript-eslint/no-explicit-any */
/**
 * Replaces `@smithy/signature-v4` in the simulation's bundle of the handlers. The header names the caller, the region, and the service, as that of a real
 * signature does. The emulators check no hash, so none is computed.
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

/** The multi-region signer reads it when its module is loaded. */
export const signatureV4aContainer = {};
