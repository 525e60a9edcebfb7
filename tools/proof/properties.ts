/**
 * The properties that Galet promises, by the numbers that tests quote in their titles. One that no test proves has its
 * reason here; one that tests prove only in part says what is missing.
 */

export interface Property {
  number: number;
  title: string;
  /** Why no test proves it, or what the tests leave out. */
  open?: string;
}

const LATER = 'Not built yet.';
const BENCH = 'Needs a board on a bench.';
const PAPER = 'A document or a procedure, not code.';
const COUNTER = 'Comes with the counter’s page.';

/** Number, title, what is open. */
const ROWS: [number: number, title: string, open?: string][] = [
  [1, 'After any power cut every acknowledged record is there, and nothing that was never written'],
  [2, 'The same with writes that reach a file out of order, and with five kinds of bad page'],
  [
    3,
    'One spoilt header loses no contact record and no key',
    'A spoilt record in the middle of the journal still loses those behind it.',
  ],
  [4, 'Mounting after a cut reads each page at most twice'],
  [5, 'A page is erased at most once in a wrap of the log'],
  [
    6,
    'One seed gives one event hash',
    'A hundred seeds twice are run by hand: npm run -s simulate -- --seeds 100 --twice.',
  ],
  [
    7,
    'The simulator lives 50 tokens at a thousand times real time',
    'A figure that npm run -s simulate prints; no test is timed.',
  ],
  [8, 'Faults are on by default, each in a quarter of seeds'],
  [9, 'When faults have ended, what was acknowledged arrives'],
  [
    10,
    'A call that fails has a name and loses nothing',
    'Held in simulated worlds; not yet for each k-th call of every port.',
  ],
  [
    11,
    'Branches of codec, log, cryptography and transfer are covered',
    'Measured by npm run coverage, not enforced; planted defects by npm run -s mutants.',
  ],
  [12, 'A cut at any operation of an update leaves the old image or the new one'],
  [13, 'The ten attacks on updates that TUF names are refused'],
  [14, 'An older image is refused, even after a wipe'],
  [15, 'What was signed too long ago is not installed, and tracing goes on'],
  [16, 'An image that does not confirm itself goes'],
  [17, 'One stolen release key installs nothing'],
  [18, 'Identifier and address change together'],
  [19, 'Adverts of two epochs share bytes only by chance'],
  [
    20,
    'A change lies behind a random silence, with a new interval',
    'How well a listener links by timing all the same has not been measured.',
  ],
  [
    21,
    'Linking by signal strength',
    'Not countered: somebody who sits still can be recognised by it. Not yet measured.',
  ],
  [22, 'A HELLO replayed later than 60 s is refused where clocks are known, 180 s elsewhere'],
  [23, 'An identifier reported by too many is flagged', LATER],
  [24, 'A token’s clock is moved by an authentic answer only'],
  [
    25,
    'Forging a MAC of 40 bits is hopeless in time',
    'By arithmetic: a million tries succeed once in a million. The server counts refused MACs and blocks nobody.',
  ],
  [26, 'Any advert is borne'],
  [27, 'A token that traces cannot be connected to'],
  [
    28,
    'Hostile neighbours cost no charge',
    'Scanning is passive and on a schedule; the charge of a crowd needs a board on a bench.',
  ],
  [29, 'No identifier is said after its time or again'],
  [30, 'Neighbours are never mixed up'],
  [31, 'Hostile frames change nothing'],
  [
    32,
    'Fakes that are weaker or briefer do not push true neighbours out',
    'Not for weaker ones that filled the table minutes before.',
  ],
  [
    33,
    'Nobody learns by one contact who was positive',
    'The status gap and the threshold are tested with the server; a single-slot attack is not.',
  ],
  [34, 'Whether some notifications are false on purpose', 'Decided: none, as in every system in use.'],
  [
    35,
    'A courier can alter, insert and reorder nothing',
    'The holder of an opened token can forge his own log, as with ROBERT on a phone.',
  ],
  [36, 'A code is for one use and short'],
  [37, 'No report without the wearer’s press for this code'],
  [38, 'At-risk and anything else cannot be confused', 'No reading with people has taken place.'],
  [39, 'The server keeps no reporter and no order'],
  [40, 'Reports and dummies look alike', 'By size; by timing it has not been measured.'],
  [41, 'The counter holds nothing in clear'],
  [42, 'One effect for a report, however often it comes'],
  [43, 'The counter’s queue survives kills and full disks'],
  [44, 'A stolen counter is refused', COUNTER],
  [45, 'A dump of a token opens the current batch at most'],
  [46, 'Identifiers reach 21 days ahead, and can be revoked', LATER],
  [47, 'Keys are one token’s', 'By construction (docs/spec/seal.md); no test of its own.'],
  [48, 'There is no console on the air'],
  [
    49,
    'Randomness comes from the hardware',
    'The weak generator is refused by the build; the hardware’s has not been judged.',
  ],
  [50, 'A wipe is proven'],
  [51, 'An operator who reads a secret is noticed', LATER],
  [52, 'A job that fails silently is noticed', LATER],
  [53, 'Only the contagious days leave'],
  [54, 'The counter asks no third party'],
  [55, 'The notice lists who processes', PAPER],
  [56, 'Measures of usefulness are aggregates', LATER],
  [57, 'No log of events leaves a token', 'The messages of a visit are docs/spec/link.md; no test of its own.'],
  [58, 'Nothing is older than its retention', 'By part; a run of weeks that searches everything is not there.'],
  [59, 'After unregistering nothing is found'],
  [60, 'The audit log shows any change'],
  [61, 'TLS as ANSSI wants it', 'TLS is ended by the proxy in front: docs/operations/backend.md.'],
  [62, 'Only listed algorithms', PAPER],
  [63, 'Server keys do not leave', 'Keys are wrapped at rest in the same process; no hardware module.'],
  [64, 'EN 18031', PAPER],
  [65, 'A bill of materials of the software', LATER],
  [66, 'No medical device', PAPER],
  [67, 'ETSI E4P', PAPER],
  [68, 'The page is accessible', COUNTER],
  [69, 'Two minutes a resident and month', BENCH],
  [70, 'At its end everything stops and erases itself'],
  [71, 'Who is due to be warned and visits is warned'],
];

export const PROPERTIES: readonly Property[] = ROWS.map(([number, title, open]) =>
  open === undefined ? { number, title } : { number, title, open },
);
