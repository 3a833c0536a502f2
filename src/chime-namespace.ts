/**
 * The API through which a construct reaches Amazon Chime.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/migrate-from-chm-namespace.html
 */
export enum ChimeNamespace {
  /** The Amazon Chime SDK namespaces, with an endpoint in each of their regions. */
  CHIME_SDK = 'CHIME_SDK',

  /** The legacy `chime` namespace, in us-east-1 only. AWS denies it to accounts that haven't used it before. */
  CHIME = 'CHIME',
}
