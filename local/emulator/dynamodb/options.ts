export interface DynamoDbOptions {
  /** Milliseconds between the expiry of an item and its deletion; AWS promises a few days. Default: 0. */
  readonly ttlDelay?: number;
  /** Milliseconds that global secondary indexes are behind their table. Default: 0. */
  readonly indexLag?: number;
  /** How many items of a batch are processed; the others are answered as unprocessed. Default: all. */
  readonly batchSize?: number;
}
