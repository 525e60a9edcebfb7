/**
 * Only this kiosk's own page and commands may talk to it. A web page elsewhere can make a browser on this computer send
 * requests here, under its own origin (CSRF) or under a name of its own that it lets point here (DNS rebinding).
 */
import { isIPv6 } from 'node:net';
import { GaletError } from '../errors.js';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export interface RequestHead {
  host?: string | undefined;
  origin?: string | undefined;
  'sec-fetch-site'?: string | undefined;
}

/** The authorities (host:port) under which a service bound to `host` and `port` is itself. */
export function ownAuthorities(host: string, port: number): Set<string> {
  const names = [...LOOPBACK, isIPv6(host) ? `[${host}]` : host.toLowerCase()];
  return new Set(names.flatMap((name) => (port === 80 ? [`${name}:80`, name] : [`${name}:${port}`])));
}

/** Throws 'foreign-request' for a request that names another host or comes from another origin. */
export function assertOwn(head: RequestHead, own: Set<string>): void {
  const isOwnHost = own.has(head.host?.toLowerCase() ?? '');
  const origin = head.origin?.toLowerCase();
  const isOwnOrigin = origin === undefined || (origin.startsWith('http://') && own.has(origin.slice(7)));
  if (!isOwnHost || !isOwnOrigin || head['sec-fetch-site'] === 'cross-site') throw new GaletError('foreign-request');
}
