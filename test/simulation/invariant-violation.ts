export class InvariantViolation extends Error {}
