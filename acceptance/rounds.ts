/** What one stack does, in this order. */
export const ROUNDS = [
  'create rolled back', 'create', 'update without a change', 'update', 'update rolled back', 'replacement rolled back', 'replacement', 'rename',
  'conflict', 'retain', 'destroy', 'adopt',
] as const;
export type Round = typeof ROUNDS[number];
