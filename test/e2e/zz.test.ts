import { expect, it } from 'vitest';
import { House } from './house.js';
import { settledLedger } from './ledger.js';
import { makeTemplate, NEIGHBOUR, POSITIVE } from './template.js';

it('x', async () => {
  const t0 = performance.now();
  const lap = (s: string) => console.log(s, Math.round(performance.now() - t0));
  const t = await makeTemplate();
  lap('template');
  const h = await House.running({ from: t.folder });
  lap('running');
  try {
    const tok = await h.startToken(h.file(POSITIVE));
    lap('token');
    const code = await h.issueCode();
    lap('code ' + code);
    console.log(await h.sync(tok.port));
    lap('sync');
    console.log(await h.report(tok.port, code));
    lap('report');
    console.log(tok.galet.said);
    await h.backend!.kill();
    console.log(await settledLedger(h.backendDir));
    lap('settled');
    await h.startBackend();
    const n = await h.startToken(h.file(NEIGHBOUR));
    console.log(await h.sync(n.port));
    lap('sync');
    console.log(await h.forget(n.port));
    lap('forget');
  } finally {
    await h.close();
    t.remove();
  }
});
