/** `galet kiosk serve`. */
import type { Command } from 'commander';
import { cliSentences } from '../../catalogue/cli.js';
import { systemClock } from '../../clock.js';
import { nodeRandom } from '../../crypto.js';
import { backendOption, dataOption, describeCommand, hostOption, jsonOption, portOption } from '../describe.js';
import { createLogger } from '../logger.js';
import { KIOSK_PORT, kioskDatabase } from '../places.js';
import { serveUntilStopped } from '../stoppable.js';
import type { Terminal } from '../terminal.js';

interface ServeFlags {
  backend: string;
  data: string;
  host: string;
  port: number;
}

async function serve(terminal: Terminal, { backend, data, host, port }: ServeFlags): Promise<void> {
  const { startKiosk } = await import('../../kiosk/serve.js');
  const kiosk = await startKiosk({
    backendUrl: backend,
    databaseFile: kioskDatabase(data),
    host,
    port,
    clock: systemClock,
    random: nodeRandom,
    logger: createLogger(terminal.world.env),
  });
  const { url } = kiosk;
  terminal.result([terminal.say(cliSentences.kioskServing, { url, backend })], { url, backend });
  await serveUntilStopped(terminal, () => kiosk.close());
}

export function addKiosk(program: Command, terminal: Terminal): void {
  const kiosk = describeCommand(program.command('kiosk'), terminal, 'kiosk');
  describeCommand(kiosk.command('serve'), terminal, 'kiosk serve')
    .addOption(backendOption(terminal))
    .addOption(dataOption(terminal))
    .addOption(hostOption(terminal))
    .addOption(portOption(terminal, KIOSK_PORT))
    .addOption(jsonOption(terminal))
    .action((flags: ServeFlags) => serve(terminal, flags));
}
