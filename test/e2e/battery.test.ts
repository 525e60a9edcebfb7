/** Batteries that were empty for a day and for two months: what the person at the counter is told. Real processes. */
import './patience.js';
import { afterEach, describe, expect, it } from 'vitest';
import { House } from './house.js';
import { makeTemplate, POSITIVE, type Template } from './template.js';
import { DAY } from './world.js';

let template: Template | undefined;
let house: House | undefined;

afterEach(async () => {
  await house?.close();
  template?.remove();
});

/** A token whose battery has been empty for so many days, its clock lost, at the counter. */
async function afterEmptyBattery(days: number): Promise<{ house: House; port: string }> {
  template = await makeTemplate({}, days * DAY);
  house = await House.running({ from: template.folder });
  const { port } = await house.startToken(house.file(POSITIVE), { clock: 'lost' });
  return { house, port };
}

describe('an empty battery', () => {
  it('of one day: the token says that it needs a visit, and the visit sets it right', async () => {
    const { house, port } = await afterEmptyBattery(1);
    const shown = await house.run(['token', 'show', port]);
    expect(shown.json).toMatchObject({ life: 'silent', needs: { time: true } });
    const visit = await house.sync(port);
    expect(visit.json).toMatchObject({ life: 'tracing', goodForDays: 14, needs: { time: false } });
    expect((await house.report(port, await house.issueCode())).json).toMatchObject({ outcome: 'delivered' });
  });

  it('of 61 days: the server no longer knows it, and the counter says to exchange it', async () => {
    const { house, port } = await afterEmptyBattery(61);
    for (const [language, sentence] of [
      ['en', 'Exchange it for another one.'],
      ['fr', 'Échangez-le contre un autre.'],
    ] as const) {
      const visit = await house.run(['sync', port, '--kiosk', house.kioskUrl, '--lang', language]);
      expect(visit).toMatchObject({ code: 45, json: { error: { code: 'token-unknown', exit: 45 } } });
      expect(visit.json.error?.message).toContain(sentence);
    }
    // Given back and erased, the same token can be set up anew only after its wearer has agreed: it is not blank.
    expect((await house.show(port)).json).toMatchObject({ life: 'silent', needs: { identifiers: true, time: true } });
  });
});
