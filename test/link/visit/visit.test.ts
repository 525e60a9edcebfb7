import { describe, expect, it } from 'vitest';
import { LIFE_BLANK, LIFE_ENDED } from '../../../device/link/messages.js';
import { forget } from '../../../host/link/visit/forget.js';
import { reportContacts } from '../../../host/link/visit/report.js';
import { synchronise } from '../../../host/link/visit/synchronise.js';
import { Cut, Knife, Stage } from './scripted.js';

const OPTIONS = { code: 'GOODCODE', receiptSeconds: 5 };

/** Runs a command, cut at one word, then repeated until it ends; says how many words it had uncut. */
async function cutEverywhere(
  prepare: () => Stage,
  command: (stage: Stage, knife: Knife) => Promise<unknown>,
  check: (stage: Stage, where: string) => void,
): Promise<number> {
  const whole = new Knife();
  await command(prepare(), whole);
  for (let word = 0; word < whole.words; word++) {
    for (const side of ['before', 'after'] as const) {
      for (const isRestarted of [false, true]) {
        const stage = prepare();
        const where = `cut ${side} word ${word}${isRestarted ? ', token restarted' : ''}`;
        await expect(command(stage, new Knife(word, side)), where).rejects.toThrow(Cut);
        if (isRestarted) stage.token.restart();
        await command(stage, new Knife());
        check(stage, where);
      }
    }
  }
  return whole.words;
}

describe('synchronise', () => {
  it('applies a whole answer and says how the token is', async () => {
    const stage = new Stage();
    const { hello, pending } = await synchronise(stage.visit());
    expect(stage.token.applied).toBe(1);
    expect(hello.goodForDays).toBe(14);
    expect(pending.outcome).toBe('none');
    expect(stage.steps()).toEqual(['hello', 'carry', 'days']);
    expect(stage.events.at(-1)).toEqual({ step: 'days', done: 22, total: 22 });
  });

  it('carries the token’s share of new keys when it has one', async () => {
    const stage = new Stage();
    await synchronise(stage.visit());
    stage.token.share = new Uint8Array(32).fill(6);
    await synchronise(stage.visit());
    expect(stage.counter.visits.map(({ renewal }) => renewal)).toEqual([
      undefined,
      { share: stage.token.share, mac: stage.token.share },
    ]);
    // What the token leaves empty does not travel on.
    expect(Object.keys(stage.counter.visits[0]!).sort()).toEqual(['ebid', 'epochId', 'mac', 'nonce', 'time']);
  });

  it('waits out the pause that a token asks for, ten seconds at most', async () => {
    const stage = new Stage();
    stage.token.tooSoon = 4;
    await synchronise(stage.visit());
    expect(stage.waited).toBe(4);
    expect(stage.events.filter(({ step }) => step === 'pause')).toHaveLength(4);
    const patient = new Stage();
    patient.token.tooSoon = 11;
    await expect(synchronise(patient.visit())).rejects.toMatchObject({
      code: 'token-too-soon',
      parameters: { seconds: 11 },
    });
    expect(patient.waited).toBe(0);
  });

  it('says that a token the server has forgotten must be exchanged', async () => {
    const stage = new Stage();
    stage.counter.visitRefusal = 'token-unknown';
    await expect(synchronise(stage.visit())).rejects.toMatchObject({ code: 'token-unknown' });
    expect(stage.token.applied).toBe(0);
  });

  it('has nothing to do for a blank or an ended token', async () => {
    const stage = new Stage();
    stage.token.life = LIFE_BLANK;
    await expect(synchronise(stage.visit())).rejects.toMatchObject({ code: 'token-blank' });
    stage.token.life = LIFE_ENDED;
    await expect(synchronise(stage.visit())).rejects.toMatchObject({ code: 'token-ended' });
  });

  it('changes nothing on the token when the server is out of reach', async () => {
    const stage = new Stage();
    stage.counter.isOnline = false;
    await expect(synchronise(stage.visit())).rejects.toMatchObject({ code: 'backend-unreachable' });
    expect(stage.token.asked).toEqual(['hello']);
  });

  it('hands over a receipt that is here already, network or not', async () => {
    const stage = new Stage();
    await reportContacts(stage.visit(), { ...OPTIONS, receiptSeconds: 0 });
    stage.counter.slowness = 0;
    const [reportId] = [...stage.counter.held.keys()];
    await stage.counter.status(reportId ?? '');
    stage.counter.isOnline = false;
    await expect(synchronise(stage.visit())).rejects.toMatchObject({ code: 'backend-unreachable' });
    expect(stage.token.report?.stage).toBe('receipted');
  });

  it('ends, with an error, at a token that never has enough', async () => {
    const stage = new Stage();
    stage.token.days = 30;
    await expect(synchronise(stage.visit())).rejects.toMatchObject({ code: 'answer-refused' });
  });

  it('ends well when repeated after a cut at any word', async () => {
    const words = await cutEverywhere(
      () => new Stage(),
      (stage, knife) => synchronise(stage.visit(knife)),
      (stage, where) => expect(stage.token.applied, where).toBeGreaterThan(0),
    );
    expect(words).toBeGreaterThan(25);
  });
});

describe('reportContacts', () => {
  it('asks for consent, carries the log and brings the receipt', async () => {
    const stage = new Stage();
    expect(await reportContacts(stage.visit(), OPTIONS)).toEqual({ outcome: 'delivered', batches: 40 });
    expect(stage.token.report?.stage).toBe('receipted');
    expect(stage.counter.effects.get('GOODCODE')).toBe(1);
    expect(stage.steps()).toEqual(['hello', 'code', 'consent', 'batches', 'keep', 'delivery', 'receipt']);
    const consents = stage.events.filter((event) => event.step === 'consent');
    expect(consents.map(({ secondsLeft }) => secondsLeft)).toEqual([59, 58]);
  });

  it('tells the token "kept" only once the kiosk has said so', async () => {
    const stage = new Stage();
    const order: string[] = [];
    const visit = stage.visit();
    const { keep } = stage.counter;
    stage.counter.keep = async (id) => {
      order.push('kiosk');
      return await keep.call(stage.counter, id);
    };
    const { ask } = visit.token;
    visit.token.ask = (name, fields) => {
      if (name === 'kept') order.push('token');
      return ask(name, fields);
    };
    await reportContacts(visit, OPTIONS);
    expect(order).toEqual(['kiosk', 'token']);
  });

  it.each([
    ['BADCODE2', 'code-unknown'],
    ['USEDCODE', 'code-used'],
    ['OLDCODE2', 'code-expired'],
  ])('asks nobody to press for a code that is of no use (%s)', async (code, error) => {
    const stage = new Stage();
    stage.counter.codes.set('USEDCODE', 'used').set('OLDCODE2', 'expired');
    await expect(reportContacts(stage.visit(), { ...OPTIONS, code })).rejects.toMatchObject({ code: error });
    expect(stage.token.asked).not.toContain('consent');
    expect(await reportContacts(stage.visit(), OPTIONS)).toMatchObject({ outcome: 'delivered' });
  });

  it('lets nothing leave when the token is not pressed, and can ask again', async () => {
    const stage = new Stage();
    stage.token.pressAfterLooks = undefined;
    await expect(reportContacts(stage.visit(), OPTIONS)).rejects.toMatchObject({ code: 'consent-lapsed' });
    expect(stage.counter.held.size).toBe(0);
    expect(stage.waited).toBeLessThanOrEqual(75);
    stage.token.pressAfterLooks = 1;
    expect(await reportContacts(stage.visit(), OPTIONS)).toMatchObject({ outcome: 'delivered' });
  });

  it('keeps the report without a network, and brings the receipt at the next visit, once', async () => {
    const stage = new Stage();
    stage.counter.isOnline = false;
    expect(await reportContacts(stage.visit(), OPTIONS)).toEqual({ outcome: 'kept', batches: 40 });
    expect(stage.token.report?.stage).toBe('kept');
    expect(await reportContacts(stage.visit(), OPTIONS)).toEqual({ outcome: 'kept', batches: 0 });
    stage.counter.isOnline = true;
    stage.counter.slowness = 2;
    expect((await synchronise(stage.visit())).pending).toMatchObject({ outcome: 'waiting' });
    expect((await synchronise(stage.visit())).pending).toMatchObject({ outcome: 'delivered' });
    expect((await synchronise(stage.visit())).pending).toMatchObject({ outcome: 'none' });
    expect(stage.token.report?.stage).toBe('receipted');
    expect(await reportContacts(stage.visit(), OPTIONS)).toEqual({ outcome: 'delivered', batches: 0 });
    expect(stage.counter.effects.get('GOODCODE')).toBe(1);
  });

  it('says when a code that was typed without a network turns out wrong, and takes the right one', async () => {
    const stage = new Stage();
    stage.counter.isOnline = false;
    await reportContacts(stage.visit(), { ...OPTIONS, code: 'TYPO2345' });
    stage.counter.isOnline = true;
    stage.counter.slowness = -1;
    expect((await synchronise(stage.visit())).pending).toMatchObject({ outcome: 'refused', refusal: 'code-unknown' });
    await expect(reportContacts(stage.visit(), { ...OPTIONS, code: 'TYPO2345' })).rejects.toMatchObject({
      code: 'code-unknown',
    });
    expect(await reportContacts(stage.visit(), OPTIONS)).toEqual({ outcome: 'delivered', batches: 40 });
    expect([...stage.counter.effects]).toEqual([['GOODCODE', 1]]);
  });

  it('does not begin a second report while the first waits', async () => {
    const stage = new Stage();
    stage.counter.isOnline = false;
    await reportContacts(stage.visit(), OPTIONS);
    await expect(reportContacts(stage.visit(), { ...OPTIONS, code: 'SECOND23' })).rejects.toMatchObject({
      code: 'report-waiting',
    });
  });

  it('keeps everything on the token when the kiosk’s disk is full', async () => {
    const stage = new Stage();
    stage.counter.isFull = true;
    for (let i = 0; i < 3; i++) {
      await expect(reportContacts(stage.visit(), OPTIONS)).rejects.toMatchObject({ code: 'kiosk-full' });
      expect(stage.token.report?.stage).toBe('consented');
    }
    stage.counter.isFull = false;
    expect(await reportContacts(stage.visit(), OPTIONS)).toEqual({ outcome: 'delivered', batches: 40 });
    expect(stage.token.reportsMade).toBe(1);
  });

  it('passes on what the token refuses', async () => {
    const stage = new Stage();
    stage.token.refusal = 'nothing-to-report';
    await expect(reportContacts(stage.visit(), OPTIONS)).rejects.toMatchObject({ code: 'nothing-to-report' });
  });

  it('has one effect when repeated after a cut at any word, the token restarted or not', async () => {
    const words = await cutEverywhere(
      () => {
        const stage = new Stage();
        stage.token.batches = 20;
        return stage;
      },
      (stage, knife) => reportContacts(stage.visit(knife), OPTIONS),
      (stage, where) => {
        expect(stage.token.report?.stage, where).toBe('receipted');
        expect([...stage.counter.effects], where).toEqual([['GOODCODE', 1]]);
        expect(stage.token.reportsMade, where).toBe(1);
        const states = [...stage.counter.held.values()].map(({ state }) => state);
        expect(states, where).toEqual([expect.stringMatching(/^(done|sent)$/)]);
      },
    );
    expect(words).toBeGreaterThan(35);
  });
});

describe('forget', () => {
  it('asks, unregisters, erases and proves', async () => {
    const stage = new Stage();
    await forget(stage.visit());
    expect(stage.token.isWiped).toBe(true);
    expect(stage.counter).toMatchObject({ isUnregistered: true, proofs: 1 });
    expect(stage.steps()).toEqual(['hello', 'consent', 'carry', 'days', 'wipe']);
  });

  it('erases nothing without a press', async () => {
    const stage = new Stage();
    stage.token.pressAfterLooks = undefined;
    await expect(forget(stage.visit())).rejects.toMatchObject({ code: 'consent-lapsed' });
    expect(stage.counter.isUnregistered).toBe(false);
  });

  it('says when the proof is missing or not recognised', async () => {
    const stage = new Stage();
    stage.counter.proveWipe = async () => false;
    await expect(forget(stage.visit())).rejects.toMatchObject({ code: 'wipe-unproven' });
    const blank = new Stage();
    blank.token.life = LIFE_BLANK;
    await expect(forget(blank.visit())).rejects.toMatchObject({ code: 'token-blank' });
  });

  it('ends well when repeated after a cut at any word', async () => {
    await cutEverywhere(
      () => new Stage(),
      (stage, knife) => forget(stage.visit(knife)),
      (stage, where) => {
        expect(stage.token.isWiped, where).toBe(true);
        expect(stage.counter.proofs, where).toBeGreaterThan(0);
      },
    );
  });
});
