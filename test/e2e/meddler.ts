/** A man in the middle between kiosk and server: sees and keeps every body, and may change what the server says. */
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Passage {
  path: string;
  /** What the kiosk sent, and what the server answered. */
  sent: Buffer;
  answered: Buffer;
  status: number;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export class Meddler {
  readonly passages: Passage[] = [];
  /** What the kiosk gets instead of the server's answer of status 200. */
  tamper: ((path: string, answer: Buffer) => Buffer) | undefined;
  private readonly server = createServer((incoming, outgoing) => {
    this.pass(incoming).then(
      ({ status, answered, type }) => {
        outgoing.writeHead(status, { 'content-type': type });
        outgoing.end(answered);
      },
      () => outgoing.destroy(),
    );
  });
  private target = '';

  /** Listens, in front of the server at `target`; returns its own address. */
  async start(target: string): Promise<string> {
    this.target = target;
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async pass(incoming: IncomingMessage): Promise<Passage & { type: string }> {
    const sent = await bodyOf(incoming);
    const path = incoming.url ?? '/';
    const { host: _, connection: __, ...headers } = incoming.headers;
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = httpRequest(new URL(path, this.target), { method: incoming.method, headers }, resolve);
      outgoing.on('error', reject);
      outgoing.end(sent);
    });
    const status = reply.statusCode ?? 0;
    const answered = await bodyOf(reply);
    this.passages.push({ path, sent, answered, status });
    const type = reply.headers['content-type'] ?? 'application/json';
    const changed = status === 200 && this.tamper ? this.tamper(path, answered) : answered;
    return { path, sent, answered: changed, status, type };
  }

  to(path: string): Passage[] {
    return this.passages.filter((passage) => passage.path === path);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
