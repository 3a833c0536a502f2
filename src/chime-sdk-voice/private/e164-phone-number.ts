const E164_PHONE_NUMBER = /^\+[1-9]\d{1,14}$/;

/** Whether a text is a phone number in E.164 format, with its plus sign. */
export function isE164PhoneNumber(text: string): boolean {
  return E164_PHONE_NUMBER.test(text);
}

/** Returns findings. The model of the service makes the plus sign optional, but the SDK sends a number without it as another number. */
export function validateE164PhoneNumber(property: string, phoneNumber: string | undefined): string[] {
  if (phoneNumber === undefined || isE164PhoneNumber(phoneNumber)) return [];
  const advice = /^%2B/i.test(phoneNumber) ? 'replace %2B with +' : 'give it in E.164 format, for example +12065550100';
  // A phone number is personal data, and an error of the handler is logged.
  const shown = JSON.stringify(`${phoneNumber.slice(0, 4)}…`);
  return [`${property}: must be + and 2 to 15 digits, the first of them not 0, got ${shown}, ${phoneNumber.length} characters; ${advice}`];
}
