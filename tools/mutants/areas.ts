/** What is planted with defects, and which tests must find them: the quick ones first, then the benches. */

export interface Area {
  /** Sources, as paths from the root: folders or files. */
  sources: readonly string[];
  /** Each is one run of the test runner; a defect that survives one meets the next. */
  tests: readonly (readonly string[])[];
}

export const AREAS = {
  log: {
    sources: ['device/log'],
    tests: [['test/log'], ['test/power-cuts/power-cuts.test.ts', 'test/token']],
  },
  seal: {
    sources: ['device/seal'],
    tests: [['test/seal'], ['test/token', 'test/backend/gateway']],
  },
  link: {
    sources: ['device/link'],
    tests: [
      ['test/link'],
      ['test/host/link/client.test.ts', 'test/host/link/serial.test.ts', 'test/token/visit.test.ts'],
    ],
  },
  robert: {
    sources: ['device/robert', 'host/backend/robert'],
    tests: [
      ['test/robert', 'test/backend/robert'],
      ['test/conformance/vectors.test.ts', 'test/backend/gateway', 'test/token'],
    ],
  },
  outbox: {
    sources: ['host/kiosk/outbox.ts', 'host/kiosk/queue.ts', 'host/kiosk/uploader.ts', 'host/kiosk/database.ts'],
    tests: [
      ['test/kiosk/outbox.test.ts', 'test/kiosk/uploader.test.ts'],
      ['test/kiosk', 'test/failing-calls'],
    ],
  },
} as const satisfies Record<string, Area>;

export type AreaName = keyof typeof AREAS;
