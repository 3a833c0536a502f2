import { redacted } from '../calls';
import { endOf } from './lifetime';
import { Context, livingMeetings } from './lookup';

/** Living meetings only, without join tokens. */
export function snapshotOf(context: Context, now: number): Record<string, unknown>[] {
  return context.state.all().map(region => ({
    account: region.account,
    region: region.region,
    meetings: livingMeetings(context, region, now).map(meeting => ({
      ...meeting,
      endsAt: endOf(context, meeting, now),
      attendees: meeting.attendees.map(attendee => ({ ...attendee, joinToken: redacted })),
    })),
  }));
}
