import { describe, expect, it } from 'vitest';
import {
  COLOUR_CYAN,
  COLOUR_GREEN,
  LIFE_BLANK,
  LIFE_ENDED,
  LIFE_TRACING,
  NEEDS_CHARGE,
  NEEDS_RECEIPT,
  NEEDS_TIME,
} from '../../device/link/messages.js';
import { type Listed, listLines } from '../../host/cli/say-list.js';
import { createTerminal, type World } from '../../host/cli/terminal.js';
import type { Hello } from '../../host/link/visit/visit.js';
import { galet, PtyToken } from './support.js';

const silent = { write: () => undefined };
const world: World = { stdout: silent, stderr: silent, stdin: process.stdin, env: {}, onStop: () => () => undefined };

const token = ({ hello, ...more }: Partial<Omit<Listed, 'hello'>> & { hello?: Partial<Hello> }): Listed => ({
  port: undefined,
  colour: undefined,
  rssi: undefined,
  ...more,
  hello: {
    life: LIFE_TRACING,
    board: 'linux',
    firmware: '0.2.0',
    battery: 80,
    goodForDays: 14,
    needs: 0,
    wiped: 0,
    ...hello,
  },
});

describe('the list of tokens at a counter', () => {
  const listed = [
    token({ port: '/dev/ttyACM0', colour: COLOUR_GREEN, hello: { needs: NEEDS_TIME | NEEDS_CHARGE } }),
    token({ colour: COLOUR_CYAN, rssi: -48, hello: { battery: 255, needs: NEEDS_RECEIPT } }),
    token({ rssi: -70, hello: { life: LIFE_BLANK, goodForDays: 0 } }),
    token({ rssi: -90, hello: { life: LIFE_ENDED, goodForDays: 0 } }),
    token({}),
  ];

  it('is a table in English', () => {
    expect(listLines(createTerminal(world, 'en', false), listed)).toEqual([
      'WHERE         BLINKS  SIGNAL           CHARGE  GOOD FOR           NEEDS',
      '/dev/ttyACM0  green   cable            80 %    more than 14 days  a visit, charging',
      'on the air    cyan    strong, -48 dBm  -       more than 14 days  a receipt',
      'on the air    -       fair, -70 dBm    80 %    -                  setting up',
      'on the air    -       weak, -90 dBm    80 %    -                  to be taken back',
      'on the air    -       unknown          80 %    more than 14 days  nothing',
    ]);
  });

  it('and in French', () => {
    expect(listLines(createTerminal(world, 'fr', false), listed).slice(0, 3)).toEqual([
      'OÙ            CLIGNOTE   RÉCEPTION        BATTERIE  BON POUR          BESOIN',
      '/dev/ttyACM0  vert       câble            80 %      plus de 14 jours  visite, recharge',
      'par radio     turquoise  fort, -48 dBm    -         plus de 14 jours  reçu',
    ]);
  });

  it('says what to do when it is empty', () => {
    expect(listLines(createTerminal(world, 'en', false), [])).toEqual([
      'No token here. Press a token’s button near this computer, or plug one in, and look again.',
    ]);
  });
});

describe('galet token list at ports', () => {
  it('greets the tokens there, gives each a colour, and tells what is wrong with the others', async () => {
    const [one, other] = [new PtyToken(), new PtyToken()];
    try {
      const ran = await galet(['token', 'list', one.path, '/dev/nothing', other.path]);
      expect(ran.code).toBe(0);
      expect(ran.stdout.split('\n').slice(1, 3)).toEqual([
        expect.stringMatching(new RegExp(`^${one.path} +blue +cable +80 % +more than 14 days +`)),
        expect.stringMatching(new RegExp(`^${other.path} +green +cable +80 % +more than 14 days +`)),
      ]);
      expect(ran.stderr).toMatch(/^Looking at the ports…\n\/dev\/nothing: There is no token at/);
      const { stdout } = await galet(['token', 'list', one.path, '--json', '--quiet']);
      expect(JSON.parse(stdout)).toEqual([
        expect.objectContaining({ place: 'port', port: one.path, colour: 'blue', rssi: null, life: 'tracing' }),
      ]);
    } finally {
      one.close();
      other.close();
    }
  });

  it('is an empty list where nothing answers', async () => {
    expect(await galet(['token', 'list', '/dev/nothing', '--json', '--quiet'])).toMatchObject({
      code: 0,
      stdout: '[]\n',
    });
  });
});
