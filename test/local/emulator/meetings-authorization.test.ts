import { allow, withRole } from './chime-voice-harness';
import { account } from './harness';
import { commonRequests, everyRequest, MeetingsOptions, region, startMeetings } from './meetings-harness';
import { PolicyDocument } from '../../../local/emulator';

const meetings = `arn:aws:chime:*:${account}:meeting/*`;
const role = { accessKeyId: 'AKIAROLE' };
const root = { accessKeyId: 'AKIAROOT' };
const tagged = { Tags: [{ Key: 'owner', Value: 'mine' }] };

async function start(policies: PolicyDocument[], options: MeetingsOptions = {}, namespace: 'sdk' | 'legacy' = 'sdk') {
  const harness = startMeetings({ ...withRole(...policies), ...options });
  const api = harness[namespace];
  const id: string = (await api.create(tagged, root)).body.Meeting.MeetingId;
  const attendee: string = (await api.call(`POST /meetings/${id}/attendees`, { ExternalUserId: 'alice' }, root)).body.Attendee.AttendeeId;
  return { ...harness, api, id, attendee, arn: `arn:aws:chime:${region}:${account}:meeting/${id}` };
}

describe.each(everyRequest)('%s %s', (namespace, name, request) => {
  const isOnMeetings = namespace === 'sdk' && name === 'CreateMeeting';
  const resource = /^(CreateMeeting|ListMeetings)/.test(name) && !isOnMeetings ? '*' : meetings;

  test('is denied with a message that names all', async () => {
    const { api, id, attendee, arn } = await start([], {}, namespace);
    expect(await api.call(...call(request(id, attendee, arn)), role)).toMatchObject({
      status: 403,
      error: namespace === 'sdk' ? 'AccessDeniedException' : 'ForbiddenException',
      body: { [namespace === 'sdk' ? 'message' : 'Message']: expect.stringContaining(`perform: chime:${name} on resource: ${isOnMeetings ? `arn:aws:chime:${region}:${account}:meeting/*` : resource === '*' ? '*' : arn} `) },
    });
  });

  test('is allowed by its own action', async () => {
    const { api, id, attendee, arn } = await start([allow(`chime:${name}`, resource)], {}, namespace);
    expect((await api.call(...call(request(id, attendee, arn)), role)).error).toBeUndefined();
  });
});

/** Without a body there is still a caller to come. */
function call([request, body]: [string, unknown?]): [string, unknown] {
  return [request, body];
}

test.each(['ForbiddenException', 'UnauthorizedException'] as const)('the refusal can be a %s', async accessDenied => {
  const { api, id } = await start([], { meetings: { accessDenied } });
  expect((await api.call(`GET /meetings/${id}`, undefined, role)).error).toBe(accessDenied);
});

test('creates with attendees, creates of the legacy namespace, and lists have no resource', async () => {
  const { sdk, legacy } = await start([allow('chime:*', meetings)]);
  const attendees = commonRequests.find(([name]) => name === 'CreateMeetingWithAttendees')!;
  expect((await sdk.call(...call(attendees[1]('', '', '')), role)).status).toBe(403);
  expect((await legacy.create({}, role)).status).toBe(403);
  expect((await legacy.call('GET /meetings', undefined, role)).status).toBe(403);
});

describe('CreateMeeting is evaluated against all meetings of the region', () => {
  const inRegion = `arn:aws:chime:${region}:${account}:meeting/*`;
  const create = async (...policies: PolicyDocument[]) => (await (await start(policies)).sdk.create({}, role)).status;
  const deny = (Resource: string) => ({ Version: '2012-10-17', Statement: { Effect: 'Deny', Action: 'chime:CreateMeeting', Resource } });

  test.each([
    ['everything', '*', 200], ['the meetings of all regions', meetings, 200], ['the meetings of the region', inRegion, 200],
    ['one meeting', inRegion.replace('*', 'one'), 403], ['the meetings of another region', inRegion.replace(region, 'eu-west-2'), 403],
    ['the meetings of another account', inRegion.replace(account, '999999999999'), 403],
  ])('a policy for %s', async (_, resource, status) => {
    expect(await create(allow('chime:CreateMeeting', resource))).toBe(status);
  });

  test('a denial counts for what it names', async () => {
    expect(await create(allow('chime:*'), deny(inRegion))).toBe(403);
    expect(await create(allow('chime:*'), deny(inRegion.replace('*', 'one')))).toBe(200);
  });

  test('a statement for everything else', async () => {
    const allBut = (NotResource: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'chime:CreateMeeting', NotResource }] });
    expect([await create(allBut('arn:aws:s3:::*')), await create(allBut(meetings))]).toEqual([200, 403]);
  });
});

test('a policy allows by the id', async () => {
  const first = await start([]);
  const { api, id } = await start([allow('chime:GetMeeting', first.arn)]);
  const other = (await api.create({}, root)).body.Meeting.MeetingId;
  expect([await api.statusOf(id, role), await api.statusOf(other, role)]).toEqual([200, 403]);
});

describe('tag conditions', () => {
  const whenTagged = (owner: string) => allow('chime:*', meetings, { StringEquals: { 'aws:ResourceTag/owner': owner } });
  const whenAsked = (owner: string) => allow('chime:*', '*', { StringEquals: { 'aws:RequestTag/owner': owner } });

  test.each(commonRequests.filter(([name]) => !name.startsWith('CreateMeeting')))('of the meeting hold for %s', async (_, request) => {
    const mine = await start([whenTagged('mine')]);
    expect((await mine.api.call(...call(request(mine.id, mine.attendee, mine.arn)), role)).error).toBeUndefined();
    const theirs = await start([whenTagged('theirs')]);
    expect((await theirs.api.call(...call(request(theirs.id, theirs.attendee, theirs.arn)), role)).status).toBe(403);
  });

  test('of the meeting do not hold for the legacy namespace', async () => {
    const { api, id } = await start([whenTagged('mine')], {}, 'legacy');
    expect(await api.statusOf(id, role)).toBe(403);
  });

  test('of a meeting that has ended are unknown', async () => {
    const { api, id } = await start([whenTagged('mine')]);
    api.edit(id, { end: true });
    expect(await api.statusOf(id, role)).toBe(403);
  });

  test('of the request hold for creates and tags', async () => {
    const { api, arn } = await start([whenAsked('mine')]);
    expect((await api.create(tagged, role)).status).toBe(200);
    expect((await api.create({}, role)).status).toBe(403);
    expect((await api.create({ Tags: [{ Key: 'owner', Value: 'theirs' }] }, role)).status).toBe(403);
    expect((await api.call('POST /tags?operation=tag-resource', { ResourceARN: arn, ...tagged }, role)).status).toBe(204);
  });

  test('of the request do not hold for the legacy namespace', async () => {
    const { api } = await start([whenAsked('mine')], {}, 'legacy');
    expect((await api.create(tagged, role)).status).toBe(403);
  });

  test('on the keys of removed tags apply', async () => {
    const { api, arn } = await start([allow('chime:UntagResource', meetings, { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': ['owner'] } })]);
    const untag = async (key: string) => (await api.call('POST /tags?operation=untag-resource', { ResourceARN: arn, TagKeys: [key] }, role)).status;
    expect([await untag('other'), await untag('owner')]).toEqual([204, 403]);
  });
});

test('tags on create can be set to need chime:TagResource', async () => {
  const options = { meetings: { tagOnCreateNeedsTagResource: true } };
  const without = await start([allow('chime:CreateMeeting')], options);
  expect((await without.api.create({}, role)).status).toBe(200);
  expect((await without.api.create(tagged, role)).status).toBe(403);
  const having = await start([allow('chime:CreateMeeting'), allow('chime:TagResource', meetings)], options);
  expect((await having.api.create(tagged, role)).status).toBe(200);
});
