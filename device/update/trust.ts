/** What a board believes: the release keys and the configuration in force, in a journal of their own (docs/spec/update.md). */
import { fault } from '../faults.js';
import { mountJournal } from '../log/journal.js';
import { region } from '../log/region.js';
import type { Flash } from '../ports.js';
import { CONFIGURATION, type Configuration, decodeConfiguration, decodeRoot, ROOT, type Root } from './objects.js';
import { TRUST_PAGES } from './slots.js';

const VERSION = 1;

export interface TrustStore {
  root(): Root | undefined;
  configuration(): Configuration | undefined;
  /** The encoded object in force, of kind ROOT or CONFIGURATION. */
  body(kind: number): Uint8Array | undefined;
  /** Puts an object in force that was judged before. */
  put(kind: number, body: Uint8Array): void;
}

/** `flash`: the board's firmware flash, which begins with the pages of trust. */
export function mountTrust(flash: Flash): TrustStore {
  const journal = mountJournal(region(flash, 0, TRUST_PAGES));

  function body(kind: number): Uint8Array | undefined {
    const entry = journal.get(kind);
    if (entry && entry.version !== VERSION) throw fault('message-version', `trust kind ${kind}`);
    return entry?.value;
  }

  return {
    body,
    root() {
      const stored = body(ROOT);
      return stored && decodeRoot(stored);
    },
    configuration() {
      const stored = body(CONFIGURATION);
      return stored && decodeConfiguration(stored);
    },
    put: (kind, stored) => journal.put(kind, VERSION, stored, kind === ROOT ? 'trust.root' : 'trust.configuration'),
  };
}
