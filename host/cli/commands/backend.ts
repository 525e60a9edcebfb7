/** `galet backend init` and `galet backend serve`. */
import { type Command, Option } from 'commander';
import { cliSentences } from '../../catalogue/cli.js';
import { systemClock } from '../../clock.js';
import { nodeRandom } from '../../crypto.js';
import { dataOption, describeCommand, hostOption, jsonOption, option, portOption } from '../describe.js';
import { createLogger } from '../logger.js';
import { BACKEND_PORT, backendFolder } from '../places.js';
import { serveUntilStopped } from '../stoppable.js';
import type { Terminal } from '../terminal.js';

interface PlaceFlags {
  data: string;
  database?: string;
}

interface ServeFlags extends PlaceFlags {
  host: string;
  port: number;
  captcha: 'local' | 'off';
  releases?: string;
}

function placeOf({ data, database }: PlaceFlags) {
  return { dir: backendFolder(data), ...(database !== undefined && { databaseUrl: database }) };
}

async function init(terminal: Terminal, flags: PlaceFlags): Promise<void> {
  const { initBackend } = await import('../../backend/admin/initialise.js');
  const place = placeOf(flags);
  const { made, credentialFile } = await initBackend(place, systemClock);
  const directory = place.dir;
  const lines = [
    made.length > 0
      ? terminal.say(cliSentences.initialised, { directory, made: made.join(', ') })
      : terminal.say(cliSentences.nothingMissing, { directory }),
    terminal.say(cliSentences.credentialAt, { file: credentialFile }),
  ];
  terminal.result(lines, { directory, made, credentialFile });
}

async function serve(terminal: Terminal, flags: ServeFlags): Promise<void> {
  const { startBackend } = await import('../../backend/serve.js');
  const { host, port, captcha, releases } = flags;
  const backend = await startBackend({
    ...placeOf(flags),
    host,
    port,
    captcha,
    ...(releases !== undefined && { releases }),
    clock: systemClock,
    random: nodeRandom,
    logger: createLogger(terminal.world.env),
  });
  const { url } = backend;
  terminal.result([terminal.say(cliSentences.backendServing, { url })], { url });
  await serveUntilStopped(terminal, () => backend.close());
}

export function addBackend(program: Command, terminal: Terminal): void {
  const backend = describeCommand(program.command('backend'), terminal, 'backend');
  const database = (): Option => new Option('--database <url>', option(terminal, 'database'));
  describeCommand(backend.command('init'), terminal, 'backend init')
    .addOption(dataOption(terminal))
    .addOption(database())
    .addOption(jsonOption(terminal))
    .action((flags: PlaceFlags) => init(terminal, flags));
  describeCommand(backend.command('serve'), terminal, 'backend serve')
    .addOption(dataOption(terminal))
    .addOption(database())
    .addOption(hostOption(terminal))
    .addOption(portOption(terminal, BACKEND_PORT))
    .addOption(new Option('--releases <folder>', option(terminal, 'releasesServed')))
    .addOption(new Option('--captcha <mode>', option(terminal, 'captcha')).choices(['local', 'off']).default('local'))
    .addOption(jsonOption(terminal))
    .action((flags: ServeFlags) => serve(terminal, flags));
}
