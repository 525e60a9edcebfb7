import type { ErrorCode } from '../errors.js';
import type { Sentence } from './catalogue.js';

/** One sentence an error: what happened, then what to do. */
export const errorSentences: Record<ErrorCode, Sentence> = {
  internal: {
    en: 'Something went wrong inside Galet. Nothing was lost; try again, and report it if it comes back.',
    fr: 'Une erreur interne est survenue. Rien n’est perdu ; réessayez, et signalez-la si elle revient.',
  },
  usage: {
    en: 'The command was not understood: {reason}',
    fr: 'La commande n’a pas été comprise : {reason}',
  },
};
