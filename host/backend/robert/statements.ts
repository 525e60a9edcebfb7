/**
 * The three statements that robert-server signs for phones (robert-server behaviour, "JWTs"): RS256, with a `type` in the
 * header that no standard knows.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { epochStart, unixOfNtp } from '../../../device/robert/time.js';
import { keyIdOf } from '../codes/jwt.js';
import type { Registration } from '../store/registrations.js';
import type { Core } from './core.js';

const REPORT_SECONDS = 5 * 60;
const ANALYTICS_SECONDS = 360 * 60;
const MINUTE = 60;

function sign(
  claims: Record<string, string | number>,
  key: KeyObject,
  header: Record<string, string>,
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', type: 'JWT', ...header }).sign(key);
}

/** Says that a report was accepted, and when. */
export function signReportStatement(core: Core): Promise<string> {
  const iat = Math.floor(unixOfNtp(core.clock()));
  return sign({ iat, exp: iat + REPORT_SECONDS }, core.vault.pair('reportStatement').privateKey, {});
}

/** For a person at risk, to show to the health insurance: that, and when, they were told of a contact. */
export function signDeclarationStatement(core: Core, registration: Registration): Promise<string> {
  const { idA, latestRiskEpoch, lastStatusRequestEpoch, lastContactTimestamp } = registration;
  const pair = core.vault.pair('declarationStatement');
  const claims = {
    jti: createHash('sha256')
      .update(`${Buffer.from(idA).toString('base64')}4${latestRiskEpoch}`)
      .digest('hex'),
    iat: Math.floor(unixOfNtp(core.clock())),
    iss: 'tac',
    notificationDateTimestamp: epochStart(core.ring.serviceStart, lastStatusRequestEpoch),
    lastContactDateTimestamp: lastContactTimestamp,
  };
  return sign(claims, pair.privateKey, { kid: keyIdOf(pair.publicKey) });
}

/** The right to hand in anonymous statistics: the same text for all who ask in one minute. */
export function signAnalyticsStatement(core: Core): Promise<string> {
  const iat = Math.floor(unixOfNtp(core.clock()) / MINUTE) * MINUTE;
  const claims = { iss: 'robert-server', iat, exp: iat + ANALYTICS_SECONDS + MINUTE };
  return sign(claims, core.vault.pair('analyticsStatement').privateKey, {});
}
