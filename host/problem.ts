/** Errors as problem details (RFC 9457), in the reader's language, without a word of what went wrong inside. */
import { fill, type Language } from './catalogue/catalogue.js';
import { errorSentences } from './catalogue/errors.js';
import { ERRORS, type ErrorCode, GaletError } from './errors.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
}

/** The named error behind whatever a handler or Fastify itself threw. */
export function namedError(thrown: unknown): GaletError {
  if (thrown instanceof GaletError) return thrown;
  const { statusCode, validation } = thrown as { statusCode?: unknown; validation?: unknown };
  if (statusCode === 413) return new GaletError('request-too-large');
  if (validation !== undefined && thrown instanceof Error) {
    return new GaletError('request-malformed', { reason: thrown.message });
  }
  if (typeof statusCode === 'number' && statusCode < 500) {
    return new GaletError('request-malformed', { reason: `status ${statusCode}` });
  }
  return new GaletError('internal', {}, thrown);
}

/** `languages`: the request's Accept-Language. */
export function problemOf(error: GaletError, languages: string | undefined): Problem {
  const sentence = errorSentences[error.code][preferredLanguage(languages)];
  return {
    type: `urn:galet:${error.code}`,
    title: error.code,
    status: ERRORS[error.code].status,
    detail: fill(sentence, error.parameters),
    code: error.code,
  };
}

/** French or English, whichever an Accept-Language header ranks higher; English where it names neither. */
export function preferredLanguage(header: string | undefined): Language {
  let best: { language: Language; weight: number } = { language: 'en', weight: 0 };
  for (const part of (header ?? '').split(',')) {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const language = range.split('-')[0];
    const given = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const weight = given === undefined ? 1 : Number(given) || 0;
    if ((language === 'fr' || language === 'en') && weight > best.weight) best = { language, weight };
  }
  return best.language;
}
