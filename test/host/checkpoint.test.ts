import { afterEach, describe, expect, it, vi } from 'vitest';

async function loadWith(killAt: string | undefined) {
  vi.resetModules();
  vi.stubEnv('GALET_KILL_AT', killAt);
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  return { ...(await import('../../host/checkpoint.js')), kill };
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('checkpoint', () => {
  it('does nothing unless it is told to', async () => {
    const { checkpoint, CHECKPOINTS, kill } = await loadWith(undefined);
    for (const name of Object.values(CHECKPOINTS).flat()) {
      checkpoint(name, 'before');
      checkpoint(name, 'after');
    }
    expect(kill).not.toHaveBeenCalled();
  });

  it('dies at the named point and phase', async () => {
    const { checkpoint, kill } = await loadWith('gateway.report:after');
    checkpoint('gateway.report', 'before');
    checkpoint('gateway.release', 'after');
    expect(kill).not.toHaveBeenCalled();
    checkpoint('gateway.report', 'after');
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGKILL');
  });

  it('dies at the n-th passage', async () => {
    const { checkpoint, kill } = await loadWith('robert.visit:before:3');
    for (let passage = 1; passage <= 5; passage++) {
      checkpoint('robert.visit', 'before');
      expect(kill).toHaveBeenCalledTimes(passage >= 3 ? 1 : 0);
    }
  });

  it('has each name once', async () => {
    const { CHECKPOINTS } = await loadWith(undefined);
    const names = Object.values(CHECKPOINTS).flat();
    expect(new Set(names).size).toBe(names.length);
  });
});
