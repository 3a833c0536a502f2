import type { Change } from './handlers';

/** A mistake that somebody could make in a handler, in one line. */
export interface Defect extends Change {
  readonly name: string;
  /** A history of the folder `regressions` in which it shows. */
  readonly history: string;
}

const SIGNALING_CHANNEL = 'lambda/kinesisvideo/signaling-channel.ts';
const INGEST_CONFIGURATION = 'lambda/ivs/ingest-configuration.ts';
const STREAMING = 'lambda/chime/voice-connector-streaming.ts';

/** Each is found by the simulation, or it could not see such mistakes: `npm run simulate -- --defects`. */
export const DEFECTS: readonly Defect[] = [
  // What all resources have in common.
  { name: 'a random hash instead of that of the request', file: 'lambda/common/owner.ts', find: 'request: hash(8, request.RequestId)', replace: 'request: hash(8, String(Math.random()))', history: 'signaling-channel-delivered-twice' },
  { name: 'another stack is taken for this one', file: 'lambda/common/owner.ts', find: 'if (stackId !== owner.stackId) return', replace: 'if (false) return', history: 'signaling-channel-seized' },
  { name: 'what has no owner tag is taken for our own', file: 'lambda/common/owner.ts', find: "if (stackId === undefined) return { kind: 'nobody' };", replace: "if (stackId === undefined) return { kind: 'ours', creation: { request: '', createOnly: '', retained: false } };", history: 'signaling-channel-name-held-by-nobody' },
  { name: 'access denied means gone', file: 'lambda/common/errors.ts', find: "AccessDeniedException: 'denied'", replace: "AccessDeniedException: 'gone'", history: 'signaling-channel-delete-denied-for-long' },
  { name: 'an error of the server means gone', file: 'lambda/common/errors.ts', find: "status >= 500) return 'busy'", replace: "status >= 500) return 'gone'", history: 'ingest-configuration-delete-in-an-outage' },
  { name: 'an error of the server is the end', file: 'lambda/common/errors.ts', find: "status >= 500) return 'busy'", replace: "status >= 500) return 'terminal'", history: 'ingest-configuration-errors-that-pass' },
  { name: 'a lost connection is the end', file: 'lambda/common/errors.ts', find: "$response !== undefined) ? 'busy' : 'terminal'", replace: "$response !== undefined) ? 'terminal' : 'terminal'", history: 'ingest-configuration-errors-that-pass' },
  { name: 'a failed create never made anything', file: 'lambda/common/errors.ts', find: 'Object.assign(error as Error, { mayHaveMade: true })', replace: 'Object.assign(error as Error, { mayHaveMade: false })', history: 'signaling-channel-made-unheard-at-the-quota' },
  { name: 'a failure is told at once, so that no Delete follows', file: 'lambda/common/lifecycle.ts', find: 'if (!mayExist) throw', replace: 'throw', history: 'signaling-channel-made-unheard-at-the-quota' },
  { name: 'an error in a poll is taken for success', file: 'lambda/common/lifecycle.ts', find: 'if (passes(decision, step)) return { pending: describeError(error) };', replace: 'if (passes(decision, step)) return { attributes: {}, gone: true };', history: 'ingest-configuration-delete-in-an-outage' },
  { name: 'throttled for the first time is failed', file: 'lambda/common/lifecycle.ts', find: "decision !== 'terminal';", replace: "decision !== 'terminal' && decision !== 'throttled' && decision !== 'busy';", history: 'ingest-configuration-errors-that-pass' },

  // Signaling channels.
  { name: 'not found once is gone', file: SIGNALING_CHANNEL, find: 'if (!channel && (accepted || step.age >= READ_LAG)) return', replace: 'if (!channel) return', history: 'signaling-channel-read-late-after-a-failed-create' },
  { name: 'a remembered version', file: 'lambda/kinesisvideo/signaling-channel-api.ts', find: 'CurrentVersion: channel.version', replace: 'CurrentVersion: ((globalThis as any).versions ??= {})[channel.arn] ??= channel.version', history: 'signaling-channel-changed-twice' },
  { name: 'nothing is looked for where the id was invented', file: SIGNALING_CHANNEL, find: 'let found: Channel[];', replace: 'if (unconfirmed === undefined) return { gone: true };\n    let found: Channel[];', history: 'signaling-channel-made-after-it-was-given-up' },
  { name: 'nothing is looked for where the outcome was unknown', file: SIGNALING_CHANNEL, find: 'let found: Channel[];', replace: 'if (unconfirmed !== undefined) return { gone: true };\n    let found: Channel[];', history: 'signaling-channel-made-unheard-at-the-quota' },
  { name: 'no waiting for a create that may still run', file: SIGNALING_CHANNEL, find: 'if (step.age < quietAfter) return', replace: 'if (step.age < 0) return', history: 'signaling-channel-made-after-it-was-given-up' },
  { name: 'a rolled-back replacement makes another one', file: SIGNALING_CHANNEL, find: 'const living = await this.findLiving(request, wish, current, step);', replace: 'const living = undefined as Channel | undefined;', history: 'signaling-channel-replacement-taken-back' },
  { name: 'no search for what a given-up replacement has left', file: SIGNALING_CHANNEL, find: 'if (!sweep) return undefined;', replace: 'if (sweep !== null) return undefined;', history: 'signaling-channel-replacement-given-up' },
  { name: 'the search does not wait for a replacement that may still be made', file: SIGNALING_CHANNEL, find: 'if (isKnown || step.age >= TIMING.onEventTimeout) return undefined;', replace: 'return undefined;', history: 'signaling-channel-replacement-given-up' },
  { name: 'a channel that is to stay is taken back by a replacement', file: SIGNALING_CHANNEL, find: '({ retained }) => wish.retain || !retained', replace: '() => true', history: 'signaling-channel-retained-then-replaced' },
  { name: 'a rollback takes a channel of an earlier life', file: SIGNALING_CHANNEL, find: '.sort(newestFirst)', replace: '', history: 'signaling-channel-retained-twice' },
  { name: 'the search for what is not known takes what is to stay', file: SIGNALING_CHANNEL, find: '(creation) => !creation.retained && (unconfirmed', replace: '(creation) => (unconfirmed', history: 'signaling-channel-retained-then-made-again' },
  { name: 'the search after a replacement takes what is to stay', file: SIGNALING_CHANNEL, find: '!creation.retained && creation.createOnly === sweep.attempted', replace: 'creation.createOnly === sweep.attempted', history: 'signaling-channel-retained-then-replaced' },
  { name: 'no search for a replacement where somebody has deleted what it was to replace', file: SIGNALING_CHANNEL, find: 'return isLost ? { ...made, sweep: this.sweepOf(request, wish, made.physicalId) } : made;', replace: 'return made;', history: 'signaling-channel-removed-then-replacement-given-up' },
  { name: 'recording is never begun', file: SIGNALING_CHANNEL, find: 'if (!storage.enabled && wish.mediaStorageStreamArn !== undefined) {', replace: 'if (false) {', history: 'signaling-channel-recording-moves-with-a-replacement' },
  { name: 'a stream is not taken over from the former channel', file: SIGNALING_CHANNEL, find: 'return api.disableMediaStorage(channelArn);', replace: "throw new TerminalError('the stream is in use');", history: 'signaling-channel-recording-moves-with-a-replacement' },
  { name: 'stripped owner tags are not put back', file: 'lambda/common/tag-differences.ts', find: "if (holderOf(tags, owner).kind === 'ours') return [];", replace: "if (holderOf(tags, owner).kind !== 'stranger') return [];", history: 'signaling-channel-stripped-then-updated' },
  { name: 'what was stripped of its tags is not deleted', file: SIGNALING_CHANNEL, find: 'await api.tag(arn, ownerTags(request.owner, creationOf(request.owner, {})));', replace: 'return { gone: true };', history: 'signaling-channel-stripped-then-replaced' },
  { name: 'a channel that nobody owns is taken unasked', file: SIGNALING_CHANNEL, find: "if (holder.kind === 'nobody' && !wish.adoptExisting) {", replace: 'if (false) {', history: 'signaling-channel-name-held-by-nobody' },
  { name: 'a channel that is not ACTIVE yet is a failure', file: SIGNALING_CHANNEL, find: ': { unready: `${arn} is ${channel.status}` };', replace: ': Promise.reject(new TerminalError(`${arn} is ${channel.status}`));', history: 'signaling-channel-changed-twice' },

  // Ingest configurations.
  { name: 'a random token', file: INGEST_CONFIGURATION, find: 'this.secret(wish.secretArn, step), requestToken(request.owner), step)', replace: "this.secret(wish.secretArn, step), String(Math.random()).padEnd(40, '0'), step)", history: 'ingest-configuration-delivered-twice' },
  { name: 'the secret is not given back', file: INGEST_CONFIGURATION, find: 'await this.giveBack(request, arn, others.filter((other) => !isSameCreation(other) && !other.creation.retained), step);', replace: 'undefined as string | undefined;', history: 'ingest-configuration-replacement-taken-back' },
  { name: 'the secret is not looked at', file: INGEST_CONFIGURATION, find: ' ?? await secretDifference(configuration, secret, request);\n      if (!difference) break;', replace: ';\n      if (!difference) break;', history: 'ingest-configuration-replacement-given-up' },
  { name: 'the stream key in a log line', file: INGEST_CONFIGURATION, find: "request.log.info('mend', { difference: difference.text });", replace: "request.log.info('mend', { difference: difference.text, text: JSON.stringify(configuration.secretValue) });", history: 'ingest-configuration-errors-that-pass' },
  { name: 'the stream key in an attribute', file: INGEST_CONFIGURATION, find: 'ParticipantId: configuration.participantId };', replace: 'ParticipantId: configuration.secretValue.streamKey };', history: 'ingest-configuration-errors-that-pass' },
  { name: 'what a second delivery has made stays', file: INGEST_CONFIGURATION, find: 'if (unknown.length > 0) return this.discardStrays(', replace: 'if (false) return this.discardStrays(', history: 'ingest-configuration-second-delivery-killed' },
  { name: 'the search takes what is to stay', file: INGEST_CONFIGURATION, find: '(creation) => !creation.retained && (unconfirmed', replace: '(creation) => (unconfirmed', history: 'ingest-configuration-retained-then-made-again' },
  { name: 'a configuration that is to stay is taken back by a replacement', file: INGEST_CONFIGURATION, find: ' && (wish.retain || !retained)', replace: '', history: 'ingest-configuration-retained-then-replaced' },
  { name: 'no waiting for a replacement where somebody has deleted what it was to replace', file: INGEST_CONFIGURATION, find: 'isLost ? physicalId : sweep.except', replace: 'sweep.except', history: 'ingest-configuration-removed-then-replacement-given-up' },
  { name: 'found by name, whoever owns it', file: INGEST_CONFIGURATION, find: "if (holder.kind === 'ours' && wanted(holder.creation)) owned.push({ arn, creation: holder.creation });", replace: "owned.push({ arn, creation: { request: request.owner.request, createOnly: '', retained: false } });", history: 'ingest-configuration-name-shared-by-two-stacks' },
  { name: 'a rollback believes the first read of the secret', file: INGEST_CONFIGURATION, find: 'const isChanged = hashOf(this.identityOf(oldProperties)) !== hashOf(identity);', replace: 'const isChanged = false;', history: 'ingest-configuration-secret-read-late-in-a-rollback' },
  { name: 'without redundant ingest the first read of the secret is believed', file: INGEST_CONFIGURATION, find: "(!redundantIngest && stringProperty(oldProperties, 'RedundantIngest') === 'true')", replace: 'false', history: 'ingest-configuration-secret-read-late-after-redundant-ingest' },
  { name: 'never waits for a create that may still run', file: INGEST_CONFIGURATION, find: 'if (step.age < quietAfter) return', replace: 'if (step.age < 0) return', history: 'ingest-configuration-made-after-it-was-given-up' },

  // Voice connector streaming.
  { name: 'another stack\'s configuration is overwritten', file: STREAMING, find: "if (holder.kind === 'stranger') throw strangerError(connector, holder.stackId);\n    if (holder.kind === 'ours' && holder.deleting)", replace: "if (holder.kind === 'ours' && holder.deleting)", history: 'voice-connector-streaming-of-another-stack' },
  { name: 'another stack\'s configuration is deleted', file: STREAMING, find: "if (holder.kind === 'stranger' || holder.kind === 'sibling') {", replace: "if (holder.kind === 'sibling') {", history: 'voice-connector-streaming-of-another-stack' },
  { name: 'the late Delete of a renamed construct takes what its successor has put', file: STREAMING, find: "if (holder.kind === 'stranger' || holder.kind === 'sibling') {", replace: "if (holder.kind === 'stranger') {", history: 'voice-connector-streaming-renamed' },
  { name: 'a configuration that somebody has put is overwritten unasked', file: STREAMING, find: "if (existing && holder.kind === 'nobody' && !wish.overwrite) {", replace: 'if (false) {', history: 'voice-connector-streaming-of-nobody' },
  { name: 'the claim is dropped while a create may still run', file: STREAMING, find: 'if (isLast) await connector.tags.remove(', replace: 'if (true) await connector.tags.remove(', history: 'voice-connector-streaming-put-after-it-was-given-up' },
  { name: 'notification targets are offered and never sent', file: 'lambda/chime/streaming-document.ts', find: 'StreamingNotificationTargets: document.notificationTargets.length === 0 ? undefined', replace: 'StreamingNotificationTargets: document.notificationTargets.length >= 0 ? undefined', history: 'voice-connector-streaming-with-targets' },
  { name: 'what was put is not read back', file: STREAMING, find: 'if (!difference) {\n        if (written ||', replace: 'break;\n      if (!difference) {\n        if (written ||', history: 'voice-connector-streaming-with-targets' },

  // Meeting pools.
  { name: 'a meeting is handed out twice', file: 'lambda/chime/meeting-pool/table.ts', find: 'ConditionExpression: \'life = :ready\',', replace: 'ConditionExpression: \'life = :ready OR life = :leased\',', history: 'meeting-pool-two-callers-at-once' },
  { name: 'the same token gives another meeting', file: 'lambda/chime/meeting-pool/table.ts', find: '\'attribute_not_exists(#key) OR #key < :now\'', replace: '\'attribute_not_exists(#key) OR #key > :now\'', history: 'meeting-pool-same-token-again' },
  { name: 'a meeting that is about to end is handed out', file: 'lambda/chime/meeting-pool/plan.ts', find: 'return now + minimumRemainingLifetime - POOL_TIMING.scheduleSlack;', replace: 'return now + minimumRemainingLifetime * 0;', history: 'meeting-pool-late-caller' },
  { name: 'join tokens in a log line', file: 'lambda/chime/meeting-pool/checkout.ts', find: 'attendees: result.Attendees.length,', replace: 'attendees: JSON.stringify(result.Attendees),', history: 'meeting-pool-same-token-again' },
  { name: 'a checkout tries for ever', file: 'lambda/chime/meeting-pool/checkout.ts', find: 'const RUN = 24;', replace: 'const RUN = 100;', history: 'meeting-pool-throttled-checkout' },
  { name: 'what was made by a call of unknown outcome is left', file: 'lambda/chime/meeting-pool/keeper.ts', find: '      const { meeting } = await meetings.create(request);\n      await meetings.delete(meeting.MeetingId);', replace: '      await meetings.create(request);', history: 'meeting-pool-checkout-killed-on-the-spot' },
  { name: 'what was handed out outlives the pool', file: 'lambda/chime/chime-meeting-pool.ts', find: '(meeting.life !== \'leased\' || endsLeased)', replace: 'meeting.life !== \'leased\'', history: 'meeting-pool-same-token-again' },
  { name: 'a meeting is forgotten and not ended', file: 'lambda/chime/meeting-pool/keeper.ts', find: '    await meetings.delete(meeting.meetingId!);\n', replace: '', history: 'meeting-pool-same-token-again' },
  { name: 'a meeting is ended while somebody has it', file: 'lambda/chime/meeting-pool/plan.ts', find: 'meetings.filter((meeting) => meeting.life === \'retired\' && !isOver(meeting, now))', replace: 'meetings.filter((meeting) => (meeting.life === \'retired\' || meeting.life === \'leased\') && !isOver(meeting, now))', history: 'meeting-pool-settings-change-under-a-lease' },
  { name: 'nothing is made for the time until the next run', file: 'lambda/chime/meeting-pool/plan.ts', find: 'purpose.kind === \'maintain\' ? purpose.nextRun : now', replace: 'now', history: 'meeting-pool-kept-warm' },
  { name: 'meetings of other settings count', file: 'lambda/chime/meeting-pool/plan.ts', find: ' && current.settingsHash === pool.settingsHash;', replace: ';', history: 'meeting-pool-settings-change' },
  { name: 'who does not fit into the first call is forgotten', file: 'lambda/chime/meeting-pool/keeper.ts', find: '(pool.settings.Attendees ?? []).slice(this.options.meetings.attendeesAtCreation)', replace: '(pool.settings.Attendees ?? []).slice(1000)', history: 'meeting-pool-more-attendees-than-one-call-takes' },
  { name: 'complete with one meeting missing', file: 'lambda/chime/chime-meeting-pool.ts', find: 'const open = plan.fill.length + plan.verify.length + plan.waiting;', replace: 'const open = Math.max(0, plan.fill.length - 1) + plan.verify.length + plan.waiting;', history: 'meeting-pool-throttled-create' },
  { name: 'another pool\'s meetings are ended', file: 'lambda/chime/chime-meeting-pool.ts', find: 'if (!ExternalMeetingId?.startsWith(externalIdPrefix(name))) continue;', replace: '', history: 'meeting-pool-legacy-beside-another' },
  { name: 'an empty pool refuses', file: 'lambda/chime/meeting-pool/checkout.ts', find: 'if (!ready) return this.takeOnTheSpot();', replace: 'if (!ready) throw tooLate();', history: 'meeting-pool-two-callers-at-once' },
  { name: 'a lock that nobody opens again', file: 'lambda/chime/meeting-pool/table.ts', find: 'OR refillUntil <= :now OR', replace: 'OR (refillUntil <= :now AND refillUntil = :now) OR', history: 'meeting-pool-maintainer-killed-with-the-lock' },
  { name: 'of those asked for one is not invited', file: 'lambda/chime/meeting-pool/checkout.ts', find: 'const invited = missing.length > 0 ?', replace: 'const invited = missing.length > 1 ?', history: 'meeting-pool-same-token-again' },
  { name: 'a retired meeting is forgotten', file: 'lambda/chime/meeting-pool/plan.ts', find: 'forget: meetings.filter((meeting) => !isPerhapsAlive(meeting, now) && !isDoubted(meeting, now)),', replace: 'forget: meetings.filter((meeting) => meeting.life === \'retired\' || (!isPerhapsAlive(meeting, now) && !isDoubted(meeting, now))),', history: 'meeting-pool-kept-warm' },
  { name: 'a meeting is held for ended', file: 'lambda/chime/meeting-pool/keeper.ts', find: 'if (await this.options.meetings.get(meetingId!)) await this.options.table.markSeen', replace: 'if (!await this.options.meetings.get(meetingId!)) await this.options.table.markSeen', history: 'meeting-pool-same-token-again' },
];
