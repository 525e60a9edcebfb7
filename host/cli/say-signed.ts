/** What a signed object stands for, in words for its signers and in JSON for scripts. */
import { Buffer } from 'node:buffer';
import { CONFIGURATION, decodeConfiguration, decodeRelease, decodeRoot, ROOT } from '../../device/update/objects.js';
import { versionText } from '../../device/update/versions.js';
import { firmwareSentences } from '../catalogue/firmware.js';
import type { SignedObject } from '../release/objects.js';
import { instantText } from '../release/times.js';
import { keyName, keysOf } from '../release/verify.js';
import type { Terminal } from './terminal.js';

const DAY_SECONDS = 86_400;
const SHORT_HASH = 12;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function expiryLine({ say }: Terminal, expires: number, now: number): string {
  const time = instantText(expires);
  if (now > expires) return say(firmwareSentences.expired, { time });
  return say(firmwareSentences.expires, { time, days: Math.round((expires - now) / DAY_SECONDS) });
}

function rootLines({ say }: Terminal, body: Uint8Array): string[] {
  const root = decodeRoot(body);
  return [
    say(firmwareSentences.rootIs, { version: root.version }),
    ...keysOf(root).map((key) => say(firmwareSentences.rootKey, { key: hex(key) })),
  ];
}

function configurationLines(terminal: Terminal, body: Uint8Array, now: number): string[] {
  const { version, endTime, gatewayKey, expires } = decodeConfiguration(body);
  const { say } = terminal;
  const time = instantText(endTime);
  const end = endTime <= now ? firmwareSentences.configurationEndPast : firmwareSentences.configurationEnd;
  return [
    say(firmwareSentences.configurationIs, { version }),
    endTime === 0 ? say(firmwareSentences.configurationNoEnd) : say(end, { time }),
    say(firmwareSentences.configurationKey, { key: Buffer.from(gatewayKey).toString('base64') }),
    expiryLine(terminal, expires, now),
  ];
}

function releaseLines(terminal: Terminal, body: Uint8Array, now: number): string[] {
  const { version, board, size, sha256, interpreter, expires } = decodeRelease(body);
  const { say } = terminal;
  return [
    say(firmwareSentences.releaseIs, { version: versionText(version), board }),
    say(firmwareSentences.releaseImage, { size }),
    say(firmwareSentences.releaseHash, { sha256: hex(sha256) }),
    ...(interpreter === '' ? [] : [say(firmwareSentences.releaseInterpreter, { interpreter })]),
    expiryLine(terminal, expires, now),
  ];
}

/** Some lines, for whoever is about to sign it. `now`: NTP seconds. */
export function signedLines(terminal: Terminal, { kind, body }: SignedObject, now: number): string[] {
  if (kind === ROOT) return rootLines(terminal, body);
  return kind === CONFIGURATION ? configurationLines(terminal, body, now) : releaseLines(terminal, body, now);
}

/** One line, without signatures. */
export function signedLine({ say }: Terminal, { kind, body }: SignedObject): string {
  if (kind === ROOT) return say(firmwareSentences.shortRoot, { version: decodeRoot(body).version });
  if (kind === CONFIGURATION) {
    const { version, expires } = decodeConfiguration(body);
    return say(firmwareSentences.shortConfiguration, { version, time: instantText(expires) });
  }
  const { version, board, size, sha256, expires } = decodeRelease(body);
  const short = hex(sha256).slice(0, SHORT_HASH);
  const time = instantText(expires);
  return say(firmwareSentences.shortRelease, { version: versionText(version), board, size, sha256: short, time });
}

/** The same as data: times as texts in UTC, bytes in hexadecimal, the gateway's key in base64 as everywhere. */
export function signedJson({ kind, body, signatures }: SignedObject): Record<string, unknown> {
  const signers = { signers: signatures.map(({ key }) => keyName(key)) };
  if (kind === ROOT) {
    const root = decodeRoot(body);
    const { version, issued } = root;
    return { kind: 'root', version, issued: instantText(issued), keys: keysOf(root).map(hex), ...signers };
  }
  if (kind === CONFIGURATION) {
    const { version, issued, expires, endTime, gatewayKey } = decodeConfiguration(body);
    return {
      kind: 'configuration',
      version,
      issued: instantText(issued),
      expires: instantText(expires),
      end: endTime === 0 ? null : instantText(endTime),
      gatewayKey: Buffer.from(gatewayKey).toString('base64'),
      ...signers,
    };
  }
  const { version, issued, expires, board, interpreter, size, sha256 } = decodeRelease(body);
  return {
    kind: 'release',
    board,
    version: versionText(version),
    issued: instantText(issued),
    expires: instantText(expires),
    interpreter,
    size,
    sha256: hex(sha256),
    ...signers,
  };
}

/** How many signatures are still missing, in a line. */
export function missingLine({ say }: Terminal, count: number): string {
  return count === 0 ? say(firmwareSentences.complete) : say(firmwareSentences.missing, { count });
}
