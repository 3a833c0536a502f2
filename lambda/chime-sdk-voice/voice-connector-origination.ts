import {
  type ChimeSDKVoiceClient, DeleteVoiceConnectorOriginationCommand, GetVoiceConnectorOriginationCommand, type Origination,
  PutVoiceConnectorOriginationCommand,
} from '@aws-sdk/client-chime-sdk-voice';
import * as v from 'valibot';
import { advisingOnEmergencyCalls, SETTING_ENTRIES, settingOf, VOICE_CONNECTOR, voiceConnectorIdOf, voiceConnectorTags } from './setting-declaration';
import {
  DEFAULT_PRIORITY, DEFAULT_SIP_PORT, DEFAULT_WEIGHT, ORIGINATION_BEFORE_TAG, ORIGINATION_TAG, type OriginationRouteProperties, TCP,
  validateVoiceConnectorOrigination, type VoiceConnectorOriginationProperties,
} from '../../src/chime-sdk-voice/private/voice-connector-origination';
import { unlessGone } from '../engine/error-classes';
import type { ResourceHandler } from '../engine/lifecycle';
import { type Parent, ParentSettingHandler } from '../engine/parent-setting';
import { booleanProperty, integerProperty, type SchemaEntries } from '../engine/properties';
import type { TimeBudget } from '../engine/time-budget';

interface OriginationDocument {
  /** Complete and sorted: the service gives each route a priority of its own, so their order has no meaning. */
  readonly routes: readonly Required<OriginationRouteProperties>[];
  readonly disabled: boolean;
}

const schema = v.strictObject({
  ...SETTING_ENTRIES,
  Routes: v.array(v.strictObject({
    Host: v.string(),
    Port: v.optional(integerProperty),
    Protocol: v.optional(v.string()),
    Priority: v.optional(integerProperty),
    Weight: v.optional(integerProperty),
  } satisfies SchemaEntries<OriginationRouteProperties>)),
  Enabled: v.optional(booleanProperty, 'true'),
} satisfies SchemaEntries<VoiceConnectorOriginationProperties>);

export interface VoiceConnectorOriginationOptions {
  readonly client: (region: string) => ChimeSDKVoiceClient;
}

export function voiceConnectorOriginationHandler({ client }: VoiceConnectorOriginationOptions): ResourceHandler {
  return new ParentSettingHandler<OriginationDocument>({
    ...settingOf({
      noun: 'origination',
      tagKeys: { owner: ORIGINATION_TAG, former: ORIGINATION_BEFORE_TAG },
      schema,
      validate: validateVoiceConnectorOrigination,
      toDesired: ({ Routes, Enabled }: v.InferOutput<typeof schema>) => ({ document: documentOf({ Routes, Disabled: !Enabled }) }),
    }),
    isBlank: ({ routes }) => routes.length === 0,
    toProperties: ({ routes, disabled }) => ({ Routes: routes, Enabled: !disabled }),
    connect: (arn, budget) => connect(client(VOICE_CONNECTOR.regionOf(arn)!), arn, budget),
  });
}

function connect(client: ChimeSDKVoiceClient, arn: string, { signal: abortSignal }: TimeBudget): Parent<OriginationDocument> {
  const VoiceConnectorId = voiceConnectorIdOf(arn);
  const { errorClasses } = VOICE_CONNECTOR;
  return {
    tags: voiceConnectorTags(client, arn, abortSignal),
    get: () => unlessGone(errorClasses, async () => {
      const { Origination } = await client.send(new GetVoiceConnectorOriginationCommand({ VoiceConnectorId }), { abortSignal });
      return Origination && documentOf(Origination);
    }),
    put: async ({ routes, disabled }) => {
      const Origination = { Routes: routes.map((route) => ({ ...route, Protocol: route.Protocol as 'TCP' | 'UDP' })), Disabled: disabled };
      const answer = await client.send(new PutVoiceConnectorOriginationCommand({ VoiceConnectorId, Origination }), { abortSignal });
      return answer.Origination && documentOf(answer.Origination);
    },
    clear: () => advisingOnEmergencyCalls(async () => {
      await unlessGone(errorClasses, () => client.send(new DeleteVoiceConnectorOriginationCommand({ VoiceConnectorId }), { abortSignal }));
    }),
  };
}

type GivenRoute = Partial<OriginationRouteProperties>;

function documentOf({ Routes = [], Disabled = false }: Pick<Origination, 'Disabled'> & { readonly Routes?: readonly GivenRoute[] }): OriginationDocument {
  const routes = Routes.map(({ Host = '', Port = DEFAULT_SIP_PORT, Protocol = TCP, Priority = DEFAULT_PRIORITY, Weight = DEFAULT_WEIGHT }) => (
    { Host: Host.toLowerCase(), Port, Protocol, Priority, Weight }
  ));
  const sortKey = (route: object) => JSON.stringify(route);
  return { routes: routes.sort((one, other) => sortKey(one) < sortKey(other) ? -1 : 1), disabled: Disabled };
}
