/** The tokens' own schedule, as the model takes it. */
import { SCHEDULE } from '../../device/token/tracing.js';
import type { Schedule } from './model.js';

/** Windows lie within a quarter of their time (device/token/tracing.ts). */
export const WINDOW_JITTER = 0.25;

export const OURS: Schedule = {
  advertising: SCHEDULE.advertising,
  scan: SCHEDULE.scan,
  window: SCHEDULE.window,
  jitter: WINDOW_JITTER,
};
