/** The documents about the backend say what the code does. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KEY_DAYS_AHEAD, KEY_DAYS_KEPT } from '../../host/backend/admin/initialise.js';
import { AUDIT_DAYS, END_GRACE_DAYS, SILENT_DAYS } from '../../host/backend/admin/upkeep.js';
import { CODE_MEMORY_DAYS } from '../../host/backend/codes/book.js';
import { FLEET_DAYS, SHOWN_DAYS, SHOWN_VISITS_MIN } from '../../host/backend/fleet.js';
import { REMEMBERED_DAYS } from '../../host/backend/gateway/gateway.js';
import { DEFAULT_RATE_LIMITS } from '../../host/backend/gateway/routes.js';
import { parametersFrom } from '../../host/backend/parameters.js';
import { PREVIOUS_KEY_DAYS } from '../../host/backend/robert/accounts.js';
import { PAIRS_A_DAY_MAX } from '../../host/backend/store/fleet.js';
import { ERRORS, type ErrorCode } from '../../host/errors.js';
import { ROOTS_MAX } from '../../host/release/answer.js';
import { IMAGE_MAX } from '../../host/release/image.js';

/** The text with its line breaks and its tables' padding taken out. */
function document(path: string): string {
  return readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8').replace(/\s+/g, ' ');
}

describe('docs/spec/http.md', () => {
  const text = document('spec/http.md');

  it('gives every refusal its status', () => {
    const rows = [...text.matchAll(/\| `([a-z-]+)` \| (\d{3}) \|/g)];
    expect(rows.length).toBeGreaterThan(10);
    for (const [, code, status] of rows)
      expect([code, ERRORS[code as ErrorCode].status]).toEqual([code, Number(status)]);
  });

  it('gives the bounds of releases and of counts', () => {
    for (const words of [
      `octets, at most ${IMAGE_MAX.toLocaleString('en').replace(',', ' ')} |`,
      `the newest ${ROOTS_MAX};`,
      `has ${PAIRS_A_DAY_MAX} at most`,
      `kept for ${FLEET_DAYS} days`,
      `the last ${SHOWN_DAYS} whole days and today`,
      `fewer than ${SHOWN_VISITS_MIN} visits`,
    ]) {
      expect(text).toContain(words);
    }
  });

  it('gives the limits by the minute', () => {
    expect(text).toMatch(new RegExp(`POST /visits\`[^\\n]*?\\| ${DEFAULT_RATE_LIMITS.visits} \\|`));
    expect(text).toMatch(
      new RegExp(`POST /codes/check\`[^|]*\\|[^|]*\\|[^|]*\\|[^|]*\\| ${DEFAULT_RATE_LIMITS.codeChecks} \\|`),
    );
  });
});

describe('docs/operations/backend.md', () => {
  const text = document('operations/backend.md');

  it('has the retention of the code', () => {
    const { risk, mixReports, mixDelaySeconds } = parametersFrom({});
    for (const line of [
      `scores by epoch | ${risk.contagiousDays} days`,
      `until unregistered, or ${SILENT_DAYS} days of silence`,
      `has been read | ${REMEMBERED_DAYS} days`,
      `of before it renewed its keys | ${PREVIOUS_KEY_DAYS} days after`,
      `keyed hashes | ${CODE_MEMORY_DAYS} days`,
      `server keys | ${KEY_DAYS_KEPT} days after their day; made ${KEY_DAYS_AHEAD} days ahead`,
      `as counts | ${FLEET_DAYS} days`,
      `audit log | ${AUDIT_DAYS} days`,
      `all server keys ${END_GRACE_DAYS} days later`,
      `it waits ${risk.tokenRiskDays} days at most`,
      `\`mixReports\` (${mixReports})`,
      `\`mixDelaySeconds\` (${mixDelaySeconds.toLocaleString('en').replace(',', ' ')})`,
    ]) {
      expect(text).toContain(line);
    }
  });
});
