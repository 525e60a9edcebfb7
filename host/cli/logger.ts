/** The log of a service run from the command line: JSON lines on stderr, warnings and worse unless GALET_LOG says else. */
import { destination, type Logger, levels, pino } from 'pino';

const STDERR = 2;
const DEFAULT_LEVEL = 'warn';

export function createLogger(env: Record<string, string | undefined>): Logger {
  const asked = env.GALET_LOG ?? DEFAULT_LEVEL;
  const level = asked in levels.values || asked === 'silent' ? asked : DEFAULT_LEVEL;
  return pino({ level }, destination({ dest: STDERR, sync: true }));
}
