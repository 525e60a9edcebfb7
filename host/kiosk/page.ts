/**
 * The plain status page: what waits and why, with nothing dated that would link visits. No script, nothing loaded from
 * anywhere, one style sheet whose hash the content policy names.
 */
import { createHash } from 'node:crypto';
import { fill, type Language } from '../catalogue/catalogue.js';
import { errorSentences } from '../catalogue/errors.js';
import { kioskSentences } from '../catalogue/kiosk.js';
import type { ErrorCode } from '../errors.js';
import type { QueueSummary } from './queue.js';
import type { Hindrance } from './uploader.js';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1.25rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.8rem; } h2 { font-size: 1.3rem; margin-top: 2rem; }
[role="alert"] { border: 0.25rem solid; padding: 0.75rem 1rem; font-weight: bold; }
footer { margin-top: 3rem; font-size: 1rem; }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

export const contentPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface PageStatus extends QueueSummary {
  hindrance: Hindrance;
  backend: 'unknown' | 'reachable' | 'unreachable';
}

const REASONS: Record<Hindrance, keyof typeof kioskSentences> = {
  none: 'none',
  delay: 'delay',
  unreachable: 'awayReason',
  failing: 'failing',
  disk: 'disk',
};

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

export function renderPage(status: PageStatus, language: Language): string {
  const say = (key: keyof typeof kioskSentences, parameters: Record<string, string | number> = {}): string =>
    escapeHtml(fill(kioskSentences[key][language], parameters));
  const paragraph = (text: string): string => `<p>${text}</p>`;

  const waiting: string[] = [];
  if (status.overdue > 0) waiting.push(`<p role="alert">${say('overdue', { count: status.overdue })}</p>`);
  if (status.waiting > 0) {
    waiting.push(paragraph(say('reports', { count: status.waiting })));
    waiting.push(paragraph(say('why', { reason: kioskSentences[REASONS[status.hindrance]][language] })));
  }
  if (status.drafts > 0) waiting.push(paragraph(say('drafts', { count: status.drafts })));
  if (status.receipts > 0) waiting.push(paragraph(say('receipts', { count: status.receipts })));
  if (waiting.length === 0) waiting.push(paragraph(say('nothing')));

  const refusals = Object.entries(status.refused).map(([code, count]) => {
    const sentence = errorSentences[code as ErrorCode][language];
    return `<li>${say('refusedCount', { count, sentence })}</li>`;
  });
  const refused =
    refusals.length === 0 ? '' : `<section><h2>${say('refused')}</h2><ul>${refusals.join('')}</ul></section>`;

  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="30">
<title>${say('title')}</title><style>${STYLE}</style></head>
<body><main>
<h1>${say('title')}</h1>
<section><h2>${say('server')}</h2>${paragraph(say(status.backend))}</section>
<section><h2>${say('waiting')}</h2>${waiting.join('')}</section>
${refused}
</main>
<footer>${paragraph(say('privacy'))}</footer>
</body></html>
`;
}
