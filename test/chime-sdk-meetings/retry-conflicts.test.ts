import { retryingConflicts } from '../../lambda/chime-sdk-meetings/meeting-pool/retry-conflicts';

const errorOf = (name: string) => Object.assign(new Error(name), { name });

afterEach(() => { jest.restoreAllMocks(); });

/** The pauses, in seconds, of a write that always fails. */
const pausesOf = async (name: string, isInTime: (pauses: number) => boolean = () => true) => {
  const pauses: number[] = [];
  const pause = async (seconds: number) => {
    pauses.push(seconds);
    return isInTime(pauses.length);
  };
  let attempts = 0;
  await expect(retryingConflicts({ pause }, () => {
    attempts += 1;
    return Promise.reject(errorOf(name));
  })).rejects.toThrow(name);
  return { pauses, attempts };
};

describe('a write that conflicts', () => {
  test('is made six times, with pauses whose longest duration doubles', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    expect(await pausesOf('TransactionConflictException')).toEqual({ pauses: [0.05, 0.1, 0.2, 0.4, 0.8], attempts: 6 });
  });

  test('pauses for a random part of the longest duration, so that concurrent writes don\'t meet again', async () => {
    jest.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValueOnce(0.75).mockReturnValue(0.25);
    expect((await pausesOf('TransactionConflictException')).pauses.slice(0, 3)).toEqual([0, 0.2 * 0.75, 0.4 * 0.25]);
  });

  test('isn\'t repeated after the end of the time budget', async () => {
    expect(await pausesOf('TransactionConflictException', (pauses) => pauses < 3)).toMatchObject({ attempts: 3 });
  });

  test('returns the result of the first attempt that succeeds', async () => {
    const write = jest.fn<Promise<string>, []>().mockRejectedValueOnce(errorOf('TransactionConflictException')).mockResolvedValue('written');
    expect(await retryingConflicts({ pause: async () => true }, write)).toBe('written');
    expect(write).toHaveBeenCalledTimes(2);
  });
});

test.each([
  ['TransactionConflictException', 6], ['ProvisionedThroughputExceededException', 6], ['ThrottlingException', 6],
  ['InternalServerError', 1], ['AccessDeniedException', 1], ['ResourceNotFoundException', 1],
])('%s: %i attempts', async (name, attempts) => {
  expect(await pausesOf(name)).toMatchObject({ attempts });
});
