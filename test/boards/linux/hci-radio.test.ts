import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADV_IND, ADV_NONCONN_IND, SET_ADVERTISING_ENABLE } from '../../../device/boards/linux/hci.js';
import { ADMISSION_SECONDS, createHciRadio, type HciRadio } from '../../../device/boards/linux/hci-radio.js';
import { seededRandom } from '../../support/chance.js';
import { PROMPT, SimulatedController, type Treatment } from './controller.js';

const BARE = '020106';
const INTERVAL = 0.2;
/** Longer than a prompt controller needs for anything. */
const MOMENT = 0.1;
const SCAN_RESPONSE = `11079ecadc240ee5a9e093f3a3b50100406e0809${Buffer.from('Galet ').toString('hex')}`;

/** Identifier `identity` at its HELLO `hello`, and the address that belongs to the identifier and to nothing else. */
const payloadOf = (identity: number, hello = 0): Uint8Array => Uint8Array.of(0x2a, identity, hello);
const addressOf = (identity: number): Uint8Array => Uint8Array.of(0x3f, 0xee, 0, 0, 0, identity);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

interface Bench {
  controller: SimulatedController;
  hci: HciRadio;
  troubles: string[];
}

function bench({ isDocked = false, seed = 1 } = {}): Bench {
  const controller = new SimulatedController();
  const troubles: string[] = [];
  const hci = createHciRadio({
    send: controller.send,
    clock: controller.clock,
    random: seededRandom(seed),
    txGain: -3,
    rxGain: 4,
    isDocked,
    onTrouble: (what) => troubles.push(what),
  });
  controller.listener = { ...hci, keyWanted: () => undefined };
  hci.up();
  controller.pass(MOMENT);
  return { controller, hci, troubles };
}

describe('the radio over HCI', () => {
  it('advertises what it is given, from the address that it is given, and to nobody who would connect', () => {
    const { controller, hci, troubles } = bench();
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    controller.pass(MOMENT);
    expect(controller.onAir).toEqual({ address: hex(addressOf(1)), data: hex(payloadOf(1)), type: ADV_NONCONN_IND });
    expect([hci.radio.txGain, hci.radio.rxGain]).toEqual([-3, 4]);
    expect([controller.refused, troubles]).toEqual([[], []]);
  });

  it('renews a HELLO on the air, and goes off the air for another address', () => {
    const { controller, hci } = bench();
    hci.radio.advertise(payloadOf(1, 1), addressOf(1), INTERVAL);
    controller.pass(MOMENT);
    const sent: number[] = [];
    controller.onCommand = (opcode) => sent.push(opcode);
    hci.radio.advertise(payloadOf(1, 2), addressOf(1), INTERVAL);
    controller.pass(MOMENT);
    expect(sent).toEqual([0x2008]);
    sent.length = 0;
    hci.radio.advertise(payloadOf(2), addressOf(2), INTERVAL);
    controller.pass(MOMENT);
    expect(sent).toEqual([0x200a, 0x2005, 0x2008, 0x200a]);
    expect(controller.onAir?.address).toBe(hex(addressOf(2)));
  });

  it('is silent when told to', () => {
    const { controller, hci } = bench();
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    controller.pass(MOMENT);
    hci.radio.silence();
    controller.pass(MOMENT);
    expect(controller.onAir).toBeUndefined();
  });

  it('listens for as long as it is told, with a pause where its address changes', () => {
    const { controller, hci } = bench();
    const heard: number[] = [];
    controller.hear(ADV_IND, Uint8Array.of(1), -50);
    hci.radio.scan(0.42, (payload) => heard.push(payload[0] as number));
    controller.pass(MOMENT);
    controller.hear(ADV_IND, Uint8Array.of(2), -50);
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    controller.pass(MOMENT);
    expect(controller.onAir?.address).toBe(hex(addressOf(1)));
    controller.hear(ADV_IND, Uint8Array.of(3), -50);
    controller.pass(0.42);
    expect(controller.isScanning).toBe(false);
    controller.hear(ADV_IND, Uint8Array.of(4), -50);
    expect(heard).toEqual([2, 3]);
    expect(controller.refused).toEqual([]);
  });

  it('hands on adverts with the sign of their RSSI, 127 as 127, and no scan responses or directed adverts', () => {
    const { controller, hci } = bench();
    const heard: number[] = [];
    hci.radio.scan(0.42, (_payload, rssi) => heard.push(rssi));
    controller.pass(MOMENT);
    for (let type = 0; type <= 4; type++) controller.hear(type, Uint8Array.of(1), -50 - type);
    controller.hear(ADV_NONCONN_IND, Uint8Array.of(1), 127);
    expect(heard).toEqual([-50, -52, -53, 127]);
  });

  it('says what the controller refuses, and tries again', () => {
    const { controller, hci, troubles } = bench();
    controller.treat([{ ...PROMPT, refusal: 0x1f }]);
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    controller.pass(MOMENT);
    expect(controller.onAir).toBeUndefined();
    controller.pass(2);
    expect(controller.onAir?.data).toBe(hex(payloadOf(1)));
    expect(troubles).toEqual(['HCI command 0x2005: status 0x1f']);
  });

  it('goes on after a controller that did not answer', () => {
    const { controller, hci, troubles } = bench();
    controller.treat([{ ...PROMPT, answer: 'never' }]);
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    controller.pass(3);
    expect(controller.onAir?.data).toBe(hex(payloadOf(1)));
    expect(troubles).toEqual(['HCI command 0x2005: no answer']);
  });

  it('says everything again to a controller that was away', () => {
    const { controller, hci } = bench();
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    controller.pass(MOMENT);
    hci.down();
    Object.assign(controller, { isAdvertising: false, address: undefined, data: '' });
    controller.pass(10);
    hci.up();
    controller.pass(MOMENT);
    expect(controller.onAir).toEqual({ address: hex(addressOf(1)), data: hex(payloadOf(1)), type: ADV_NONCONN_IND });
  });

  it('goes off the air before it is closed', () => {
    const { controller, hci } = bench();
    let isDone = false;
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    hci.radio.scan(5, () => undefined);
    controller.pass(MOMENT);
    hci.close(() => {
      isDone = true;
      expect([controller.isAdvertising, controller.isScanning]).toEqual([false, false]);
    });
    controller.pass(MOMENT);
    expect(isDone).toBe(true);
  });
});

describe('a press (R27)', () => {
  it('lets a counter connect for 60 s, to the same advert from the same address', () => {
    const { controller, hci } = bench();
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    controller.pass(MOMENT);
    hci.admit();
    controller.pass(ADMISSION_SECONDS - MOMENT);
    expect(controller.onAir).toEqual({ address: hex(addressOf(1)), data: hex(payloadOf(1)), type: ADV_IND });
    expect(controller.response).toBe(`${SCAN_RESPONSE}${Buffer.from('-').toString('hex')}`);
    controller.pass(2 * MOMENT);
    expect(controller.onAir?.type).toBe(ADV_NONCONN_IND);
  });

  it('counts anew at each press', () => {
    const { controller, hci } = bench();
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    hci.admit();
    controller.pass(40);
    hci.admit();
    controller.pass(40);
    expect(controller.onAir?.type).toBe(ADV_IND);
    controller.pass(21);
    expect(controller.onAir?.type).toBe(ADV_NONCONN_IND);
  });

  it('has a token that says no HELLO say nothing but that it is there', () => {
    const { controller, hci } = bench();
    hci.admit();
    controller.pass(MOMENT);
    expect(controller.onAir).toMatchObject({ data: BARE, type: ADV_IND });
    expect(Number.parseInt(controller.onAir?.address.slice(0, 2) ?? '', 16) & 0xc0).toBe(0);
    controller.pass(ADMISSION_SECONDS);
    expect(controller.onAir).toBeUndefined();
  });

  it('leaves the silence between two identifiers silent (R20)', () => {
    const { controller, hci } = bench();
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    hci.admit();
    controller.pass(MOMENT);
    hci.radio.silence();
    controller.pass(10);
    expect(controller.onAir).toBeUndefined();
    controller.pass(2);
    expect(controller.onAir).toMatchObject({ data: BARE, type: ADV_IND });
    expect(controller.onAir?.address).not.toBe(hex(addressOf(1)));
  });

  it('is not needed where the token is docked', () => {
    const { controller, hci } = bench({ isDocked: true });
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    controller.pass(1000);
    expect(controller.onAir?.type).toBe(ADV_IND);
  });

  it('lets the counter give a colour, until the admission ends', () => {
    const { controller, hci } = bench();
    hci.name(2);
    hci.admit();
    controller.pass(MOMENT);
    expect(controller.response.endsWith(Buffer.from('-').toString('hex'))).toBe(true);
    hci.name(3);
    controller.pass(MOMENT);
    expect(controller.response).toBe(`${SCAN_RESPONSE}${Buffer.from('3').toString('hex')}`);
    controller.pass(ADMISSION_SECONDS);
    hci.admit();
    controller.pass(MOMENT);
    expect(controller.response.endsWith(Buffer.from('-').toString('hex'))).toBe(true);
  });

  it('admits one counter: others find nothing to connect to, and tracing goes on', () => {
    const { controller, hci } = bench();
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    hci.admit();
    controller.pass(MOMENT);
    expect(controller.connect(0)).toBe(true);
    controller.pass(MOMENT);
    expect(controller.onAir).toMatchObject({ data: hex(payloadOf(1)), type: ADV_NONCONN_IND });
    controller.disconnect();
    controller.pass(MOMENT);
    expect(controller.onAir?.type).toBe(ADV_IND);
  });
});

describe('a counter that comes and goes while the controller is slow', () => {
  it('leaves a connectable advert, though a HELLO was being renewed', () => {
    const { controller, hci } = bench();
    hci.radio.advertise(payloadOf(1, 1), addressOf(1), INTERVAL);
    hci.admit();
    controller.pass(MOMENT);
    controller.treat([{ ...PROMPT, delay: 1 }]);
    hci.radio.advertise(payloadOf(1, 2), addressOf(1), INTERVAL);
    expect(controller.connect(0)).toBe(true);
    controller.disconnect();
    controller.pass(3);
    expect(controller.onAir).toMatchObject({ data: hex(payloadOf(1, 2)), type: ADV_IND });
  });

  it('leaves a connectable advert, though the answer to switching it on was under way', () => {
    const { controller, hci } = bench();
    hci.radio.advertise(payloadOf(1), addressOf(1), INTERVAL);
    controller.pass(MOMENT);
    controller.treat([PROMPT, PROMPT, PROMPT, { ...PROMPT, answer: 1 }]);
    hci.admit();
    controller.pass(MOMENT);
    expect(controller.connect(0)).toBe(true);
    controller.disconnect();
    controller.pass(3);
    expect(controller.onAir?.type).toBe(ADV_IND);
  });
});

type Step =
  | { kind: 'advertise' | 'renew' | 'silence' | 'admit' | 'connect' | 'disconnect' | 'restart' }
  | { kind: 'scan' | 'pass'; seconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.double({ min: 0, max: 4, noNaN: true }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constant(61) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('scan' as const),
      seconds: fc.double({ min: 0.01, max: 2, noNaN: true }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        ...(['advertise', 'renew', 'silence', 'admit', 'connect', 'disconnect', 'restart'] as const),
      ),
    }),
  },
);

const seconds = (max: number): fc.Arbitrary<number> => fc.double({ min: 0, max, noNaN: true });
const treatment: fc.Arbitrary<Treatment> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(PROMPT) },
  { weight: 2, arbitrary: fc.record({ delay: seconds(3), answer: seconds(3), refusal: fc.constant(0) }) },
  {
    weight: 1,
    arbitrary: fc.record({ delay: seconds(0.1), answer: fc.constant('never' as const), refusal: fc.constant(0) }),
  },
  { weight: 1, arbitrary: fc.record({ delay: seconds(1), answer: seconds(1), refusal: fc.constant(0x1f) }) },
);

/** A token's life of steps, on a bench, with what may be on the air at each moment. */
class Life {
  readonly bench: Bench;
  private identity = 0;
  private hello = 0;
  private silentSince: number | undefined;
  private admittedUntil = Number.NEGATIVE_INFINITY;

  constructor(treatments: Treatment[]) {
    this.bench = bench();
    const { controller } = this.bench;
    controller.treat(treatments);
    controller.onChange = () => this.judgeAir();
    controller.onCommand = (opcode, parameters) => {
      if (opcode === SET_ADVERTISING_ENABLE && parameters[0] === 1) this.judgeStart();
    };
  }

  private get now(): number {
    return this.bench.controller.timeline.now();
  }

  get isAdmitted(): boolean {
    return this.now < this.admittedUntil;
  }

  /** What the controller emits pairs no identifier with anything but its own address. */
  private judgeAir(): void {
    const { onAir } = this.bench.controller;
    if (onAir === undefined) return;
    const identities = Array.from({ length: this.identity + 1 }, (_, i) => hex(addressOf(i)));
    if (onAir.data === BARE) expect(identities).not.toContain(onAir.address);
    else expect(onAir.address).toBe(hex(addressOf(Number.parseInt(onAir.data.slice(2, 4), 16))));
  }

  /** The radio never starts an advert that is not wanted, nor a connectable one without an admission. */
  private judgeStart(): void {
    const { data, type, handle } = this.bench.controller;
    if (this.silentSince !== undefined) {
      expect(data).toBe(BARE);
      expect(this.now - this.silentSince).toBeGreaterThan(10);
    }
    if (type === ADV_IND) {
      expect(this.isAdmitted).toBe(true);
      expect(handle).toBeUndefined();
    }
  }

  take(taken: Step): void {
    const { controller, hci } = this.bench;
    switch (taken.kind) {
      case 'pass':
        controller.pass(taken.seconds);
        break;
      case 'scan':
        hci.radio.scan(taken.seconds, () => undefined);
        break;
      case 'silence':
        this.silentSince = this.now;
        hci.radio.silence();
        break;
      case 'advertise':
        this.identity += 1;
        this.advertise();
        break;
      case 'renew':
        this.advertise();
        break;
      case 'admit':
        this.admittedUntil = this.now + ADMISSION_SECONDS;
        hci.admit();
        break;
      case 'connect':
        controller.connect(0);
        break;
      case 'disconnect':
        controller.disconnect();
        break;
      case 'restart':
        hci.down();
        controller.handle = undefined;
        hci.up();
        break;
    }
  }

  private advertise(): void {
    this.hello = (this.hello + 1) & 0xff;
    this.silentSince = undefined;
    this.bench.hci.radio.advertise(payloadOf(this.identity, this.hello), addressOf(this.identity), INTERVAL);
  }

  /** What has to be on the air, long after the last change. */
  get wanted(): string | undefined {
    if (this.silentSince === undefined && this.hello > 0) return hex(payloadOf(this.identity, this.hello));
    return this.isAdmitted && this.bench.controller.handle === undefined ? BARE : undefined;
  }
}

describe('whatever happens, in whatever order, however the controller answers', () => {
  const RUNS = 3000;
  const seed = Date.now() & 0x7fffffff;
  console.log(`lives of a radio: seed ${seed}`);
  const lives = fc.array(step, { maxLength: 40 });

  it('no advert pairs an identifier with another’s address (R18), and none is connectable unasked (R27)', () => {
    fc.assert(
      fc.property(lives, fc.array(treatment, { maxLength: 120 }), (steps, treatments) => {
        const life = new Life(treatments);
        for (const taken of steps) life.take(taken);
        // From here on the controller is prompt: what is wanted comes about.
        const { controller } = life.bench;
        controller.treat([]);
        controller.pass(30);
        expect(controller.onAir?.data).toBe(life.wanted);
        expect(controller.isScanning).toBe(false);
        if (controller.onAir) {
          const isConnectable = life.isAdmitted && controller.handle === undefined;
          expect(controller.onAir.type).toBe(isConnectable ? ADV_IND : ADV_NONCONN_IND);
        }
      }),
      { seed, numRuns: RUNS },
    );
  });

  it('a prompt controller is never asked for what it must refuse, and does at once what is wanted', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const life = new Life([]);
        const { controller, troubles } = life.bench;
        for (const taken of steps) {
          life.take(taken);
          if (taken.kind !== 'pass') controller.pass(MOMENT);
          if (life.wanted === undefined || life.wanted !== BARE) expect(controller.onAir?.data).toBe(life.wanted);
        }
        expect([controller.refused, troubles]).toEqual([[], []]);
      }),
      { seed, numRuns: RUNS },
    );
  });
});
