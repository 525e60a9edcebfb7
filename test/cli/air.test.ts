/**
 * Commands that serve tokens over the air: real processes, each with an adapter of an emulated air, and signal strengths as
 * in a room where the counter stands at one end.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../device/version.js';
import { connectBackend } from '../../host/backend/client.js';
import { renderSigned } from '../../host/release/objects.js';
import { type EmulatedAir, startAir, whyNoAir } from '../../tools/air/btvirt.js';
import { Room } from '../../tools/air/room.js';
import { write } from '../backend/published.js';
import { NEXT, nextImage } from '../e2e/authority.js';
import { House, type Ran } from '../e2e/house.js';
import { type Galet, until } from '../e2e/process.js';
import { configuration, release, root } from '../support/release-keys.js';

const missing = whyNoAir();
if (missing) console.log(`skipped: ${missing}`);

const GAINS = { txGain: -15, rxGain: -5 };
const INTERRUPTED = 130;
const FRENCH = { blue: 'bleu', green: 'vert', yellow: 'jaune', violet: 'violet', cyan: 'turquoise', white: 'blanc' };

interface Worn {
  galet: Galet;
  port: string;
}

/** A token as `token list --json` has it. */
interface Row {
  place: string;
  port?: string;
  colour: string | null;
  rssi: number | null;
  life: string;
}

describe.skipIf(missing)('a counter with tokens in its air', () => {
  let air: EmulatedAir;
  let room: Room;
  let house: House;
  let adapter: string;
  let near: Worn;
  let far: Worn;

  beforeAll(async () => {
    air = await startAir();
    room = new Room(air, GAINS);
    house = await House.open();
    await house.run(['backend', 'init', '--data', house.folder]);
    await house.startBackend();
    await house.startKiosk();
    adapter = (await room.plug({ x: 0, y: 0 })).path;
    near = await wear('near', 1);
    far = await wear('far', 6);
  }, 120_000);
  afterAll(async () => {
    await house?.close();
    room?.close();
    await air?.close();
  });

  async function wear(name: string, x: number): Promise<Worn> {
    const { path } = await room.plug({ x, y: 0 });
    return house.startToken(house.file(`${name}.flash`), { ble: path });
  }

  const at = (...args: string[]): Promise<Ran> => house.run([...args, '--adapter', adapter]);
  const visit = (...args: string[]): Promise<Ran> => at(...args, '--kiosk', house.kioskUrl);
  const list = async (...args: string[]): Promise<Row[]> => {
    const ran = await at('token', 'list', '--ble', '--wait', '3', ...args);
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    return JSON.parse(ran.stdout) as Row[];
  };
  const press = (...worn: Worn[]): void => {
    for (const { galet } of worn) galet.type('press 1');
  };
  /** The list once both are in it: for up to ten seconds between two identifiers a token is not on the air at all. */
  const listBoth = async (...args: string[]): Promise<Row[]> => {
    let rows: Row[] = [];
    await until('both to be on the air', async () => {
      press(near, far);
      rows = await list(...args);
      return rows.length === 2 && rows.every(({ rssi }) => rssi !== null);
    });
    return rows;
  };
  const lifeOf = async ({ port }: Worn): Promise<unknown> => (await house.show(port)).json.life;
  /** The colours that a token has blinked so far, in order. */
  const blinked = ({ galet }: Worn): string[] =>
    [...galet.said.matchAll(/Blinks (\w+)\./g)].map(([, name]) => `${name}`);

  it('find nobody who has not pressed: in the air is who asks, and says so by name', async () => {
    const ran = await at('token', 'show', '--wait', '1');
    expect(ran).toMatchObject({ code: 116, json: { error: { code: 'no-token-asks' } } });
    expect(ran.stderr).toContain('Press the token’s button, near this computer: 1 s left\n');
    expect(await list('--wait', '1')).toEqual([]);
  });

  it('set up the nearer of two that ask, which blinks what the command names before anything is done', async () => {
    press(near, far);
    const ran = await visit('provision', '--ble', '--credential', house.credential);
    expect(ran).toMatchObject({ code: 0, json: { life: 'tracing' } });
    expect(ran.stderr).toMatch(
      /Reaching the token…\nThis is the token that blinks blue \(signal: \w+, -\d+ dBm\)\.\nOthers that ask are left alone: 1\.\nGreeting the token…\nAgreeing on keys…\n/,
    );
    expect(blinked(near)).toEqual(['blue']);
    expect(blinked(far)).toEqual([]);
    expect(await lifeOf(near)).toBe('tracing');
    expect(await lifeOf(far)).toBe('blank');
  });

  it('list both, nearest first, each in a colour of its own', async () => {
    const [first, second] = await listBoth();
    expect(first).toMatchObject({ place: 'air', life: 'tracing' });
    expect(second).toMatchObject({ place: 'air', life: 'blank' });
    expect(first?.rssi).toBeGreaterThan(Number(second?.rssi));
    expect(first?.colour).not.toBe(second?.colour);
    expect(blinked(near).pop()).toBe(first?.colour);
    expect(blinked(far).pop()).toBe(second?.colour);
    // Whoever has a colour of its own keeps it.
    expect((await listBoth()).map(({ colour }) => colour)).toEqual([first?.colour, second?.colour]);
  });

  it('serve the farther, when its colour is said in either language, and leave the nearer alone', async () => {
    const [first, second] = await listBoth();
    const before = blinked(near).length;
    const french = FRENCH[second?.colour as keyof typeof FRENCH];
    const ran = await visit('provision', '--colour', french, '--credential', house.credential);
    expect(ran).toMatchObject({ code: 0, json: { life: 'tracing' } });
    expect(ran.stderr).toContain(`This is the token that blinks ${second?.colour} (`);
    expect(blinked(near)).toHaveLength(before);
    expect(await lifeOf(far)).toBe('tracing');
    const absent = await visit('sync', '--colour', 'white', '--wait', '1');
    expect(absent).toMatchObject({ code: 117, json: { error: { code: 'colour-not-there' } } });
    expect(first?.life).toBe('tracing');
  });

  it('recognise a token that is at a port and in the air as one', async () => {
    const rows = await listBoth(near.port);
    expect(rows[0]).toMatchObject({ place: 'port', port: near.port });
    expect(rows[0]?.rssi).toBeLessThan(0);
    expect(rows[1]).toMatchObject({ place: 'air' });
    expect(rows[1]?.colour).not.toBe(rows[0]?.colour);
  });

  it('stop at Ctrl-C while they wait for a button, and let the adapter go', async () => {
    for (const args of [
      ['sync', '--colour', 'white', '--kiosk', house.kioskUrl],
      ['token', 'list', '--ble'],
    ]) {
      const galet = house.start([...args, '--adapter', adapter, '--wait', '60'], {
        onLine: (line) => {
          if (line.startsWith('Press the')) setTimeout(() => void galet.kill('SIGINT'), 1500);
        },
      });
      expect(await galet.ended).toMatchObject({ code: INTERRUPTED });
    }
    press(near);
    expect(await visit('sync')).toMatchObject({ code: 0, json: { life: 'tracing', report: 'none' } });
  });

  it('report over the air, with the press that agrees', async () => {
    press(near, far);
    // They have heard each other: unknown here, and enough of it to report.
    await until(
      'both to have heard each other',
      async () => {
        press(near);
        const ran = await visit('report', '--ble', '--code', await house.issueCode(), '--wait', '1');
        return ran.code === 0;
      },
      120_000,
      2000,
    );
  }, 150_000);

  it('bring an update, and find the same token again after its restart, not the other that asks too', async () => {
    const publish = (path: string, content: string | Uint8Array): void =>
      write(`${house.backendDir}/releases`, path, content);
    const { gatewayKey } = await connectBackend(house.backendUrl).parameters();
    publish('roots/1.json', renderSigned(root()));
    publish('configuration.json', renderSigned(configuration({ gatewayKey })));
    expect(await house.forget(far.port)).toMatchObject({ code: 0 });
    expect(await house.provision(far.port)).toMatchObject({ code: 0 });
    const made = release({ version: NEXT, board: 'linux', image: Buffer.from(await nextImage()) });
    publish('linux/galet.js', made.image);
    publish('linux/release.json', renderSigned(made.object));

    const [, second] = await listBoth();
    const ran = await visit('sync', '--colour', String(second?.colour));
    expect(ran).toMatchObject({ code: 0, json: { update: 'updated', firmware: NEXT } });
    expect(ran.stderr).toContain('Looking for the same token again…');
    expect((await house.show(far.port)).json).toMatchObject({ firmware: NEXT });
    expect((await house.show(near.port)).json).toMatchObject({ firmware: VERSION });
  }, 180_000);

  it('forget the one that is named', async () => {
    const [first] = await listBoth();
    expect(await visit('token', 'forget', '--colour', String(first?.colour))).toMatchObject({
      code: 0,
      json: { forgotten: true, proven: true },
    });
    expect(await lifeOf(near)).toBe('blank');
    expect(await lifeOf(far)).toBe('tracing');
  });
});
