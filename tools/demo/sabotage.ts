/** The faults that `--break` plants, each outside the code under test: on the air, under the token, at the counter. */
import type { TwinFlash } from '../../device/boards/twin/flash.js';
import { isFilledWith } from '../../device/bytes.js';
import type { Radio } from '../../device/ports.js';
import type { Counter } from '../../host/link/visit/counter.js';
import type { Interference } from '../simulate/wearer.js';
import type { Planted } from './options.js';

/** Where the MAC of the HELLO ends in an advert (docs/spec/robert.md): flags 3, list 4, service data head 4, HELLO 16. */
const LAST_OF_MAC = 26;
/** The flash pages on which the ratchet's states stand (docs/spec/log.md). */
const STATE_PAGES = { first: 2, count: 2 };
/** Slot and header of a travelling batch; its ciphertext follows. */
const BATCH_HEAD = 12;

/** What stands between a token and its board when `planted` is the fault. */
export function interference(planted: Planted | undefined): Interference {
  if (planted === 'mac') return { radio: withWrongMacs };
  if (planted === 'ratchet') return { flash: withoutForgetting };
  return {};
}

function withWrongMacs(radio: Radio): Radio {
  return {
    ...radio,
    advertise(payload, address, interval) {
      const wrong = payload.slice();
      wrong[LAST_OF_MAC] = (wrong[LAST_OF_MAC] as number) ^ 1;
      radio.advertise(wrong, address, interval);
    },
  };
}

/**
 * A flash on whose state pages nothing is ever zeroed: old states stay until their page is erased. To the token, which reads back
 * what it wrote, it says that they are gone.
 */
function withoutForgetting(flash: TwinFlash): TwinFlash {
  const start = STATE_PAGES.first * flash.pageSize;
  const end = start + STATE_PAGES.count * flash.pageSize;
  const pretended = new Set<number>();
  return {
    ...flash,
    write(address, data) {
      if (address >= start && address < end && isFilledWith(data, 0)) {
        for (let i = 0; i < data.length; i++) pretended.add(address + i);
      } else flash.write(address, data);
    },
    erase(page) {
      for (let at = page * flash.pageSize; at < (page + 1) * flash.pageSize; at++) pretended.delete(at);
      flash.erase(page);
    },
    read(address, length) {
      return flash.read(address, length).map((byte, i) => (pretended.has(address + i) ? 0 : byte));
    },
  };
}

/** The counter as the courier meets it when `planted` is the fault. */
export function faultyCounter(counter: Counter, planted: Planted | undefined): Counter {
  if (planted === 'seal') return flippingOneBit(counter);
  if (planted === 'outbox') return losingReports(counter);
  return counter;
}

function flippingOneBit(counter: Counter): Counter {
  let isFlipped = false;
  return changed(counter, {
    append(reportId, batches) {
      const carried = batches.slice();
      if (!isFlipped) carried[BATCH_HEAD] = (carried[BATCH_HEAD] as number) ^ 0x10;
      isFlipped = true;
      return counter.append(reportId, carried);
    },
  });
}

function losingReports(counter: Counter): Counter {
  return changed(counter, {
    keep: async () => 'kept',
    status: async () => ({ state: 'kept' }),
  });
}

/** `counter` with some of its calls replaced. */
function changed(counter: Counter, calls: Partial<Counter>): Counter {
  return new Proxy(counter, {
    get(target, name) {
      const call: unknown = Reflect.get(calls, name) ?? Reflect.get(target, name);
      return typeof call === 'function' ? call.bind(target) : call;
    },
  });
}
