import * as fc from 'fast-check';
import { Attempts } from './attempts';
import { around, durations, flag, hostileText, members, mostly, numbersAround, regions, RUN } from './hostile';
import {
  PhoneNumber, PhoneNumberAssociation, PhoneNumberProductType, type PhoneNumberProps, PhoneNumberSource, TollFreePrefix, VoiceConnector,
} from '../../src';
import { PhoneNumberAssociationSetup, PhoneNumberSetup } from '../chime-sdk-voice/phone-number-setup';
import type { ResourceFailed } from '../cloudformation';
import { ACCOUNT, REGION } from '../handler-setup';

const NUMBER = '+12065550105';
const QUOTAS = { voiceConnectors: 1000, phoneNumbers: 1000 };

const numbers = new PhoneNumberSetup({ quotas: QUOTAS });
afterAll(() => numbers.stop());

const e164 = fc.oneof(
  fc.constantFrom('+0123', '+', '+1', '+12', '12065550105', '%2B12065550105', '+1 206 555 0105', `${NUMBER}\n`, `+1${'2'.repeat(13)}`, `+1${'2'.repeat(14)}`, '+١٢'),
  hostileText,
);

const source = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      areaCode: mostly(fc.constant('206'), fc.oneof(fc.constantFrom('20', '2066', '+1206', '２０６', '206\n'), hostileText)),
      state: mostly(fc.constant('WA'), fc.oneof(fc.constantFrom('wa', 'W', 'WAS', 'WA\n'), hostileText)),
      city: mostly(fc.constant('Seattle'), fc.oneof(around(100), hostileText)),
    }, { requiredKeys: [] }).map((search) => PhoneNumberSource.local(search)),
  },
  { weight: 1, arbitrary: members(TollFreePrefix).map((prefix) => PhoneNumberSource.tollFree(prefix)) },
  { weight: 2, arbitrary: mostly(fc.constant(NUMBER), e164).map((number) => PhoneNumberSource.exactly(number)) },
);

const phoneNumber: fc.Arbitrary<PhoneNumberProps> = fc.record({
  source,
  productType: members(PhoneNumberProductType),
  phoneNumberName: mostly(fc.constantFrom('Reception', 'Front desk 1', 'a,b._-c'), fc.oneof(around(180), fc.constantFrom(' a', 'a ', 'a  b', 'a\tb'), hostileText)),
  callingName: mostly(fc.constant('Example Corp'), fc.oneof(around(2), around(15), fc.constantFrom('a\n', 'a-b'), hostileText)),
  orderTimeout: mostly(durations(fc.constantFrom(60, 900)), durations(numbersAround(60, 3000))),
  adoptExisting: mostly(fc.constant(false), fc.constant(true)),
  region: regions,
}, { requiredKeys: ['source'] });

/** A search that finds nothing, and a number that isn't for sale: the service takes the values, and has no such number. */
const NOT_FOR_SALE = /: source: (no phone number for sale matches |the service doesn't sell \+…\d{2,4}: BadRequestException: Service received a bad request )/;

test('a phone number is refused at synth, with path and property, or ordered from the service', async () => {
  const attempts = new Attempts();
  let ordered = 0;
  await fc.assert(fc.asyncProperty(phoneNumber, async (props) => {
    const outcome = attempts.of((scope, id) => new PhoneNumber(scope, id, props));
    if ('refused' in outcome) return;
    const resource = numbers.resource(`Number${attempts.counts.accepted}`);
    // A rejected create has no resource.
    const failed = await resource.create(outcome.properties).then(() => undefined, (error: ResourceFailed) => error);
    if (failed) return expect(failed.message).toMatch(NOT_FOR_SALE);
    ordered += 1;
    await resource.delete();
    // The number is for sale again.
    await numbers.clock.sleep(8 * 86_400_000);
  }), RUN);
  expect(ordered).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});

test('an association is refused at synth, with path and property, or taken by the service', async () => {
  // One for each attempt: the construct refuses a number that another association of the app has.
  const inventory = Array.from({ length: RUN.numRuns }, (_, index) => `+12125550${100 + index}`);
  const setup = new PhoneNumberAssociationSetup({ quotas: QUOTAS, numbers: { forSale: inventory.map((number) => ({ number })) } });
  for (const number of inventory) await setup.order(number);
  const association = fc.record({
    arn: mostly(fc.constant(undefined), fc.oneof(hostileText, hostileText.map((text) => `arn:aws:chime:${REGION}:${ACCOUNT}:vc/${text}`))),
    given: mostly(fc.constant(undefined), e164),
    numberRegion: regions,
    reassign: flag,
  }, { requiredKeys: [] });
  const attempts = new Attempts();
  let associated = 0;
  await fc.assert(fc.asyncProperty(association, async ({ arn = setup.connector(), given, numberRegion, reassign }) => {
    const number = given ?? inventory[attempts.counts.accepted + attempts.counts.refused]!;
    const outcome = attempts.of((scope, id) => new PhoneNumberAssociation(scope, id, {
      voiceConnector: VoiceConnector.fromVoiceConnectorArn(scope, `${id}-connector`, arn),
      phoneNumber: PhoneNumber.fromE164PhoneNumber(scope, `${id}-phone`, number, numberRegion),
      reassign,
    }));
    if ('refused' in outcome) return;
    const resource = setup.resource(`Calls${attempts.counts.accepted}`);
    const failed = await resource.create(outcome.properties).then(() => undefined, (error: ResourceFailed) => error);
    if (failed) return expect([failed.message, given]).toEqual([expect.stringContaining('is not in the inventory of the account'), number]);
    associated += 1;
    await resource.delete();
  }), RUN);
  await setup.stop();
  expect(associated).toBeGreaterThan(RUN.numRuns / 8);
  expect(attempts.counts.refused).toBeGreaterThan(RUN.numRuns / 8);
});
