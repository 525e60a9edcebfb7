import { describe, expect, it } from 'vitest';
import { type ErrorCode, GaletError } from '../../../host/errors.js';
import { oncePatient } from '../../../host/link/busy.js';

/** Opens at try number `succeedsAt`, and fails with `code` before. */
function opener(succeedsAt: number, code: ErrorCode): { open: () => Promise<string>; tries: () => number } {
  let tries = 0;
  return {
    open: async () => {
      tries += 1;
      if (tries < succeedsAt) throw new GaletError(code);
      return 'open';
    },
    tries: () => tries,
  };
}

describe('a port that another program has just closed', () => {
  it('is opened as soon as it is free', async () => {
    const { open, tries } = opener(3, 'port-busy');
    expect(await oncePatient(open)).toBe('open');
    expect(tries()).toBe(3);
  });

  it('is given up when it stays busy', async () => {
    const { open, tries } = opener(100, 'port-busy');
    await expect(oncePatient(open)).rejects.toMatchObject({ code: 'port-busy' });
    expect(tries()).toBe(20);
  });

  it('is not asked again when it fails for another reason', async () => {
    const { open, tries } = opener(2, 'port-missing');
    await expect(oncePatient(open)).rejects.toMatchObject({ code: 'port-missing' });
    expect(tries()).toBe(1);
  });
});
