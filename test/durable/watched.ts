/** Processes whose writes and syncs are noted, so that a promise made before its sync is seen: no kill shows that. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why processes cannot be watched here; undefined when they can. */
export function whyNotWatched(): string | undefined {
  if (process.platform !== 'linux') return 'no LD_PRELOAD';
  const { status } = spawnSync('sh', ['-c', 'command -v cc']);
  return status === 0 ? undefined : 'no C compiler (Debian: gcc)';
}

export class Watched {
  /** Files under it are noted. */
  readonly folder = mkdtempSync(join(tmpdir(), 'galet-durable-'));
  private readonly own = mkdtempSync(join(tmpdir(), 'galet-trace-'));
  private readonly trace = join(this.own, 'trace');
  private readonly children: ChildProcess[] = [];

  constructor() {
    const library = join(this.own, 'shim.so');
    const args = ['-shared', '-fPIC', '-o', library, 'test/durable/trace-shim.c', '-ldl'];
    const { status, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the shim does not compile: ${stderr}`);
  }

  start(args: string[]): ChildProcess {
    const watch = { LD_PRELOAD: join(this.own, 'shim.so'), GALET_TRACE: this.trace, GALET_TRACE_UNDER: this.folder };
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...watch },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.children.push(child);
    return child;
  }

  /** Runs to its end; what it printed. */
  async run(args: string[]): Promise<string> {
    const child = this.start(args);
    let out = '';
    child.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
    return out;
  }

  /** Writes and syncs so far, in order: `W name` and `S name`, the folder itself being `.`. */
  noted(): string[] {
    if (!existsSync(this.trace)) return [];
    const lines = readFileSync(this.trace, 'utf8').trimEnd().split('\n');
    return lines.map((line) => `${line[0]} ${line.slice(2 + this.folder.length + 1) || '.'}`);
  }

  /** Files with something written that no sync has made durable. */
  unsynced(): string[] {
    const open = new Set<string>();
    for (const line of this.noted()) {
      if (line.startsWith('W')) open.add(line.slice(2));
      else open.delete(line.slice(2));
    }
    return [...open];
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
    }
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(this.own, { recursive: true, force: true });
  }
}
