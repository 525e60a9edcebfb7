/** The screens of which docs/operations/screens has pictures. In ES5, for they are drawn on Espruino too. */
import type { FaceState, FaceTime } from '../../device/boards/bangle2/face.js';
import type { Language } from '../../device/boards/words.js';
import type { Signal } from '../../device/ports.js';

export const signals: Signal[] = [
  'well',
  'charge',
  'visit',
  'silent',
  'at-risk',
  'consent',
  'consented',
  'kept',
  'ended',
];

/** The signals about the wearer's own positive test, which nobody may take for 'at-risk' (R38). */
export const ownTest: Signal[] = ['consent', 'consented', 'kept'];

/** A Tuesday, 24 November, 10:42. */
export const morning: FaceTime = { hours: 10, minutes: 42, weekday: 2, day: 24, month: 10 };

/** A telephone number that France keeps for fiction. */
const phone = '0199001234';

interface Screen {
  name: string;
  language: Language;
  state: FaceState;
}

export const screens: Screen[] = [];
for (const language of ['fr', 'en'] as const) {
  for (const signal of signals) {
    const battery = signal === 'charge' ? 12 : 80;
    const state = { signal, phone, time: morning, battery, consentSecondsLeft: 42 };
    screens.push({ name: `${language}-${signal}`, language, state });
  }
}
