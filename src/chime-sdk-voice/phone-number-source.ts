/**
 * The criteria of a search for a US local number. At least one of `areaCode` and `state` is required.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_SearchAvailablePhoneNumbers.html
 */
export interface LocalNumberSearch {
  /**
   * The area code: three digits, such as `206`.
   *
   * @default - any area code
   */
  readonly areaCode?: string;

  /**
   * The state, as two letters, such as `WA`.
   *
   * @default - any state
   */
  readonly state?: string;

  /**
   * The city, such as `Seattle`. It requires `state`.
   *
   * @default - any city
   */
  readonly city?: string;
}

/**
 * The prefix of a US toll-free number.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/APIReference/API_voice-chime_SearchAvailablePhoneNumbers.html
 */
export enum TollFreePrefix {
  /** Numbers that start with +1 800. */
  P800 = '800',
  /** Numbers that start with +1 833. */
  P833 = '833',
  /** Numbers that start with +1 844. */
  P844 = '844',
  /** Numbers that start with +1 855. */
  P855 = '855',
  /** Numbers that start with +1 866. */
  P866 = '866',
  /** Numbers that start with +1 877. */
  P877 = '877',
  /** Numbers that start with +1 888. */
  P888 = '888',
}

/**
 * The number that a `PhoneNumber` orders: any number that a search finds, or one specific number.
 */
export class PhoneNumberSource {
  /**
   * Orders a US local number that matches the criteria. The deployment that creates the resource uses the criteria. A later change of the criteria is
   * rejected, and never orders another number.
   *
   * @param search The criteria, at least one.
   */
  public static local(search: LocalNumberSearch): PhoneNumberSource {
    return new PhoneNumberSource({ Local: { AreaCode: search.areaCode, State: search.state, City: search.city } });
  }

  /**
   * Orders a US toll-free number. The deployment that creates the resource uses the prefix. A later change of the prefix is rejected, and never orders
   * another number.
   *
   * @param prefix The prefix of the number. The default is any prefix.
   */
  public static tollFree(prefix?: TollFreePrefix): PhoneNumberSource {
    return new PhoneNumberSource({ TollFree: { Prefix: prefix } });
  }

  /**
   * Orders one specific number. If the number is in the deletion queue of the account, the number is restored instead. If the number is in the inventory of
   * the account and no owner mark assigns it to a resource, `adoptExisting` adopts it. A change to another number replaces the number.
   *
   * @param e164PhoneNumber The number in E.164 format, such as `+12065550100`.
   */
  public static exactly(e164PhoneNumber: string): PhoneNumberSource {
    return new PhoneNumberSource({ Exactly: { E164PhoneNumber: e164PhoneNumber } });
  }

  /**
   * The property of the custom resource. Exactly one member is present. The declaration of the class has this type, so it is not in a private file.
   *
   * @internal
   */
  public readonly _properties: {
    readonly Local?: { readonly AreaCode?: string; readonly State?: string; readonly City?: string };
    /** Without a prefix: any prefix. */
    readonly TollFree?: { readonly Prefix?: string };
    readonly Exactly?: { readonly E164PhoneNumber: string };
  };

  private constructor(properties: PhoneNumberSource['_properties']) {
    this._properties = properties;
  }
}
