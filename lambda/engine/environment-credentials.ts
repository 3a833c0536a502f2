/**
 * Lambda hands a function its credentials in the environment. The bundles have this in the place of the SDK's `credential-provider-node`, whose
 * other sources (profiles, SSO, containers, STS) would be a fifth of them.
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) throw new Error('no credentials in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY');
  return { accessKeyId, secretAccessKey, sessionToken };
};
