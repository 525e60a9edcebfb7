/** Imported first by every end-to-end file: real processes on a busy machine take their time, and a hang still ends. */
import { vi } from 'vitest';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });
