/**
 * What the signals say in words, for boards with a screen. Bytes are ISO 8859-1 (the vector font of Espruino has it), so
 * accents are written as escapes. The wearer is never told that she is ill, nor what the counter may not see.
 */
import type { Signal } from '../ports.js';

export type Language = 'fr' | 'en';

export interface Words {
  /** Read first, across a table: at most 11 characters a line. */
  large: string[];
  /** Read second, watch in hand: at most 20 characters a line. */
  small: string[];
}

/**
 * The words of a signal. Those of 'at-risk' are followed by the number to ring; without one (`canCall` false) they name the
 * doctor. They are made when asked for, so that a board keeps one set and not eighteen.
 */
export function wordsOf(signal: Signal, language: Language, canCall: boolean): Words {
  const isFrench = language === 'fr';
  switch (signal) {
    case 'charge':
      return isFrench
        ? { large: ['RECHARGEZ', 'LA MONTRE'], small: [] }
        : { large: ['CHARGE', 'THE WATCH'], small: [] };
    case 'visit':
      return isFrench
        ? { large: ['PASSEZ AU', 'COMPTOIR'], small: [] }
        : { large: ['VISIT THE', 'COUNTER'], small: [] };
    case 'silent':
      return isFrench
        ? { large: ['EN PAUSE', 'PASSEZ AU', 'COMPTOIR'], small: [] }
        : { large: ['PAUSED', 'VISIT THE', 'COUNTER'], small: [] };
    case 'at-risk':
      if (canCall) {
        return isFrench
          ? { large: ['APPELEZ LE'], small: ['Vous avez peut-\xeatre', 'crois\xe9 le virus.'] }
          : { large: ['PLEASE CALL'], small: ['You may have been', 'near the virus.'] };
      }
      return isFrench
        ? { large: ['APPELEZ', 'VOTRE', 'M\xc9DECIN'], small: ['Vous avez peut-\xeatre', 'crois\xe9 le virus.'] }
        : { large: ['CALL', 'YOUR', 'DOCTOR'], small: ['You may have been', 'near the virus.'] };
    case 'consent':
      return isFrench
        ? { large: ['APPUYEZ', '3 SECONDES'], small: ['pour accepter'] }
        : { large: ['PRESS', '3 SECONDS'], small: ['to accept'] };
    case 'consented':
      return isFrench
        ? { large: ['ACCORD', 'RE\xc7U'], small: ['Merci. Un instant...'] }
        : { large: ['YOU', 'AGREED'], small: ['Thank you. Wait...'] };
    case 'kept':
      return isFrench
        ? { large: ["C'EST FAIT"], small: ['Le comptoir a', 'tout re\xe7u. Merci.'] }
        : { large: ['ALL DONE'], small: ['The counter has', 'it all. Thank you.'] };
    case 'ended':
      return isFrench
        ? { large: ["C'EST FINI"], small: ['Tout est effac\xe9.', 'Merci.'] }
        : { large: ['IT IS OVER'], small: ['All is erased.', 'Thank you.'] };
    default:
      return isFrench ? { large: ['TOUT', 'VA BIEN'], small: [] } : { large: ['ALL', 'IS WELL'], small: [] };
  }
}

/** The word for a COLOUR_ number of link/messages.ts. */
export function colourWord(colour: number, language: Language): string {
  const words = language === 'fr' ? 'BLEU,VERT,JAUNE,VIOLET,TURQUOISE,BLANC' : 'BLUE,GREEN,YELLOW,VIOLET,CYAN,WHITE';
  return words.split(',')[colour] as string;
}

/** The date as two lines of capitals. `weekday` 0 is Sunday, `month` 0 is January. */
export function dateWords(weekday: number, day: number, month: number, language: Language): string[] {
  const isFrench = language === 'fr';
  const days = isFrench
    ? 'DIMANCHE,LUNDI,MARDI,MERCREDI,JEUDI,VENDREDI,SAMEDI'
    : 'SUNDAY,MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY,SATURDAY';
  const months = isFrench
    ? 'JANVIER,F\xc9VRIER,MARS,AVRIL,MAI,JUIN,JUILLET,AO\xdbT,SEPTEMBRE,OCTOBRE,NOVEMBRE,D\xc9CEMBRE'
    : 'JANUARY,FEBRUARY,MARCH,APRIL,MAY,JUNE,JULY,AUGUST,SEPTEMBER,OCTOBER,NOVEMBER,DECEMBER';
  const ordinal = isFrench && day === 1 ? '1er' : `${day}`;
  return [days.split(',')[weekday] as string, `${ordinal} ${months.split(',')[month]}`];
}

/** Longest group that is shown on one line. */
const GROUP = 10;
const SHOWN = '0123456789+*#ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * A telephone number as the groups in which it is read out: those of whoever wrote it, if any; else digits in pairs,
 * after the country code and the odd digit. Digits, letters (as capitals), `+`, `*` and `#` are shown, all else parts
 * groups; no group is longer than 10 characters.
 */
export function phoneGroups(phone: string): string[] {
  const text = phone.toUpperCase();
  const groups: string[] = [];
  let group = '';
  let isPlain = true;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    const parts = SHOWN.indexOf(letter) < 0;
    if (parts || group.length === GROUP) {
      if (group.length > 0) groups.push(group);
      group = '';
    }
    if (parts) isPlain = false;
    else group += letter;
    if (letter > '9' || letter === '*' || letter === '#' || (letter === '+' && i > 0)) isPlain = false;
  }
  if (group.length > 0) groups.push(group);
  if (!isPlain || text.length <= 4) return groups;
  const pairs = text.charAt(0) === '+' ? [text.substr(0, 3)] : [];
  let from = pairs.length * 3;
  while (from < text.length) {
    const length = (text.length - from) % 2 === 1 ? 1 : 2;
    pairs.push(text.substr(from, length));
    from += length;
  }
  return pairs;
}
