/** Where things are when a command is not told otherwise: the usual folder of each system, and loopback addresses. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export const BACKEND_PORT = 8470;
export const KIOSK_PORT = 8471;
export const DEFAULT_BACKEND_URL = `http://127.0.0.1:${BACKEND_PORT}`;
export const DEFAULT_KIOSK_URL = `http://127.0.0.1:${KIOSK_PORT}`;

type Environment = Record<string, string | undefined>;

/** The folder for Galet's data: %LOCALAPPDATA%\Galet, ~/Library/Application Support/Galet, or XDG's. */
export function defaultDataFolder(
  platform: NodeJS.Platform = process.platform,
  environment: Environment = process.env,
  home: string = homedir(),
): string {
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Galet');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Galet');
  return join(environment.XDG_DATA_HOME || join(home, '.local', 'share'), 'galet');
}

export const backendFolder = (data: string): string => join(data, 'backend');
export const kioskDatabase = (data: string): string => join(data, 'kiosk', 'outbox.db');
export const defaultCredential = (data: string): string => join(backendFolder(data), 'operator');
export const defaultFlash = (data: string): string => join(data, 'token.flash');
