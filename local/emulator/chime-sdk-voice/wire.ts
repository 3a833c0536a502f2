/* The settings of a voice connector, as the API has them. */

export interface StreamingConfiguration {
  readonly DataRetentionInHours: number;
  readonly Disabled: boolean;
  readonly StreamingNotificationTargets?: readonly { readonly NotificationTarget?: string }[];
  readonly MediaInsightsConfiguration?: { readonly Disabled?: boolean; readonly ConfigurationArn?: string };
}

export interface Termination {
  readonly CpsLimit?: number;
  readonly DefaultPhoneNumber?: string;
  readonly CallingRegions?: readonly string[];
  readonly CidrAllowedList?: readonly string[];
  readonly Disabled?: boolean;
}

export interface Origination {
  readonly Routes?: readonly {
    readonly Host?: string;
    readonly Port?: number;
    readonly Protocol?: string;
    readonly Priority?: number;
    readonly Weight?: number;
  }[];
  readonly Disabled?: boolean;
}

export interface LoggingConfiguration {
  readonly EnableSIPLogs?: boolean;
  readonly EnableMediaMetricLogs?: boolean;
}
