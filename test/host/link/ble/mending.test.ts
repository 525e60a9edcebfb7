import { describe, expect, it } from 'vitest';
import { encodePacket } from '../../../../device/link/packets.js';
import { MendingCarrier } from '../../../../host/link/ble/mending.js';
import type { NusPipe } from '../../../../host/link/ble/nus.js';

/** A connection in the test's hand. */
function pipe() {
  const written: Uint8Array[] = [];
  let onBytes = (_: Uint8Array): void => {};
  let onGone = (_: unknown): void => {};
  let isClosed = false;
  const nus: NusPipe = {
    name: 'Bluetooth',
    bytes: { sent: 0, received: 0 },
    write: (bytes) => void written.push(bytes),
    listen(receive, gone) {
      onBytes = receive;
      onGone = gone;
    },
    close: async () => {
      isClosed = true;
    },
  };
  return {
    nus,
    written,
    say: (bytes: Uint8Array) => onBytes(bytes),
    drop: () => onGone('dropped'),
    isClosed: () => isClosed,
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function carrierOver(connections: ReturnType<typeof pipe>[], isThere = () => true) {
  const told: unknown[] = [];
  let next = 1;
  const carrier = new MendingCarrier((connections[0] as ReturnType<typeof pipe>).nus, async () => {
    const connection = connections[next++];
    if (connection === undefined || !isThere()) throw new Error('not found');
    return connection.nus;
  });
  carrier.listen(
    (frame) => told.push([...frame]),
    () => told.push('gone'),
    () => told.push('mended'),
  );
  return { carrier, told };
}

describe('a carrier that mends itself', () => {
  it('goes on over the next connection, forgets the half frame of the last, and counts the bytes of both', async () => {
    const [first, second] = [pipe(), pipe()];
    const { carrier, told } = carrierOver([first, second]);
    first.say(encodePacket(new Uint8Array([1, 2])));
    first.say(new Uint8Array([9, 1]));
    first.drop();
    carrier.send(new Uint8Array([7]));
    await settled();
    carrier.send(new Uint8Array([8]));
    second.say(encodePacket(new Uint8Array([3])));
    expect(told).toEqual([[1, 2], 'mended', [3]]);
    expect([first.written.length, second.written]).toEqual([0, [new Uint8Array([0, 8])]]);
    expect(carrier.bytes).toEqual({ sent: 2, received: 7 });
  });

  it('is gone when nobody is found', async () => {
    const first = pipe();
    const { told } = carrierOver([first]);
    first.drop();
    await settled();
    expect(told).toEqual(['gone']);
  });

  it('is gone after five connections without a frame, but goes on as long as one comes', async () => {
    const connections = Array.from({ length: 20 }, pipe);
    const { told } = carrierOver(connections);
    for (const [i, connection] of connections.entries()) {
      if (i < 10) connection.say(encodePacket(new Uint8Array([i])));
      connection.drop();
      await settled();
    }
    expect(told.filter((one) => one === 'mended').length).toBe(14);
    expect(told.at(-1)).toBe('gone');
  });

  it('closes the connection that comes too late, and tells nobody', async () => {
    const [first, second] = [pipe(), pipe()];
    const { carrier, told } = carrierOver([first, second]);
    first.drop();
    await carrier.close();
    expect(second.isClosed()).toBe(true);
    expect(told).toEqual([]);
  });
});
