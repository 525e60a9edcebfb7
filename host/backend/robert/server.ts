/** The ROBERT server module, put together: what port.ts promises. */
import { insertContacts } from '../store/contacts.js';
import { type Captcha, localCaptcha, noCaptcha } from './captcha.js';
import { type Core, createCore } from './core.js';
import { runRobertJobs } from './jobs.js';
import { createPhoneService } from './phones.js';
import type { RobertContext, RobertServer } from './port.js';
import { robertRoutes } from './routes.js';
import { createTokenService } from './tokens.js';

export function createRobertServer(context: RobertContext): RobertServer {
  const core = createCore(context);
  let lastRun: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    const figures = await runRobertJobs(core);
    core.logger.info(figures, 'ROBERT jobs done');
  }

  return {
    ...createTokenService(core),
    sink: { deliver: (db, contacts) => insertContacts(db, 'contacts', core.random, contacts) },
    routes: robertRoutes(core, createPhoneService(core), captchaOf(core)),
    runJobs() {
      // One after the other, also after one that failed.
      lastRun = lastRun.then(run, run);
      return lastRun;
    },
  };
}

function captchaOf(core: Core): Captcha {
  if (core.captcha === 'off') return noCaptcha(core.random);
  return localCaptcha(core.vault.secret('codeHash'), core.clock, core.random);
}
