import { describe, expect, it } from 'vitest';
import { absentPorts } from '../../device/ports.js';

describe('a port that a board does not have', () => {
  it('throws by name at the first call, whatever is called', () => {
    let calls = 0;
    for (const [name, port] of Object.entries(absentPorts)) {
      if (port === undefined || typeof port === 'string') continue;
      for (const method of Object.values(port as Record<string, unknown>)) {
        if (typeof method !== 'function') continue;
        calls += 1;
        expect(() => method()).toThrow(`port-absent: ${name}`);
      }
    }
    expect(calls).toBe(18);
  });
});
