import { CfnOutput, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { failsAfter, LocalDeployment } from './local-deployment';
import { PhoneNumber, PhoneNumberAssociation, type PhoneNumberProps, PhoneNumberSource, RtcDriftMonitor, VoiceConnector } from '../../src';

let local: LocalDeployment;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
// Each test leaves no voice connector behind and meets no denial.
afterEach(() => local.assertNothingLeft(local.connectors().map(({ name }) => name)));

interface NumberState {
  readonly name: string;
  readonly label: string;
  readonly holder?: string;
  readonly deleted?: number;
}

const numbers = () => (local.emulator.state()['chime-sdk-voice'] as { phoneNumbers: NumberState[] }[]).flatMap(({ phoneNumbers }) => phoneNumbers);
const billed = () => numbers().filter(({ deleted }) => deleted === undefined).map(({ name }) => name);
const orders = () => local.emulator.calls.filter(({ operation }) => operation === 'CreatePhoneNumberOrder').length;

const SEATTLE = PhoneNumberSource.local({ areaCode: '206' });

/** A number whose calls arrive at a voice connector. */
const hotline = (props: Partial<PhoneNumberProps> = {}, also: (stack: Stack, number: PhoneNumber) => void = () => {}) => (stack: Stack) => {
  const phoneNumber = new PhoneNumber(stack, 'Hotline', { source: SEATTLE, ...props });
  const voiceConnector = new VoiceConnector(stack, 'Trunk', {
    voiceConnectorName: 'Trunk', termination: { allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'], defaultPhoneNumber: phoneNumber },
  });
  new PhoneNumberAssociation(stack, 'Calls', { voiceConnector, phoneNumber });
  new CfnOutput(stack, 'Dial', { value: phoneNumber.e164PhoneNumber });
  also(stack, phoneNumber);
};

test('a number is ordered once, associated, updated, kept in a rollback, and released with the stack', async () => {
  const removalPolicy = RemovalPolicy.DESTROY;
  const { outputs } = await local.deployed('Hotline', hotline({ removalPolicy }));
  const [number] = numbers();
  expect(outputs.Hotline).toEqual({ Dial: number.name });
  expect(number).toMatchObject({ name: expect.stringMatching(/^\+1206/), label: expect.stringMatching(/^cdk-rtc\./), holder: local.connectors()[0].id });
  expect(local.connectors()[0].termination).toMatchObject({ DefaultPhoneNumber: number.name });

  await local.deployed('Hotline', hotline({ removalPolicy, phoneNumberName: 'Hotline' }));
  expect(numbers()).toEqual([expect.objectContaining({ name: number.name, label: expect.stringMatching(/^Hotline cdk-rtc\./) })]);

  // Other criteria are refused, and everything stays as it is.
  const refused = await local.deploy('Hotline', hotline({ removalPolicy, source: PhoneNumberSource.local({ areaCode: '415' }) }));
  expect(refused.exitCode).not.toBe(0);
  expect(refused.output.join('\n')).toContain('the criteria can\'t change after the number is ordered');
  const failed = await local.deploy('Hotline', hotline({ removalPolicy, phoneNumberName: 'Other' }, (stack, ordered) => failsAfter(stack, ordered)));
  expect(failed.exitCode).not.toBe(0);
  expect(numbers()).toEqual([expect.objectContaining({ name: number.name, label: expect.stringMatching(/^Hotline cdk-rtc\./), holder: local.connectors()[0].id })]);
  expect(orders()).toBe(1);

  await local.destroyed('Hotline');
  expect(billed()).toEqual([]);
});

test('a failed first deployment releases the number that it ordered', async () => {
  const failed = await local.deploy('First', hotline({}, (stack, ordered) => {
    new RtcDriftMonitor(stack, 'DriftMonitor');
    failsAfter(stack, ordered);
  }));
  expect(failed.exitCode).not.toBe(0);
  expect(orders()).toBe(1);
  expect(billed()).toEqual([]);
  await local.destroyed('First');
});

test('a retained number stays when its stack is deleted, and another stack imports it', async () => {
  await local.deployed('Numbers', (stack) => { new PhoneNumber(stack, 'Hotline', { source: SEATTLE }); });
  const [number] = billed();
  await local.destroyed('Numbers');
  expect(billed()).toEqual([number]);

  await local.deployed('Calls', (stack) => {
    const voiceConnector = new VoiceConnector(stack, 'Trunk', { voiceConnectorName: 'Trunk', origination: { routes: [{ host: 'sip.example.com' }] } });
    new PhoneNumberAssociation(stack, 'Calls', { voiceConnector, phoneNumber: PhoneNumber.fromE164PhoneNumber(stack, 'Hotline', number) });
  });
  expect(numbers()).toEqual([expect.objectContaining({ name: number, holder: local.connectors()[0].id })]);
  await local.destroyed('Calls');
  expect(billed()).toEqual([number]);
  expect(numbers()[0].holder).toBeUndefined();
  expect(orders()).toBe(1);
});
