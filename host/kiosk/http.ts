/** Requests to another service, over a connection that the caller chooses, with a bound on time and on size. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: Uint8Array;
  timeoutSeconds: number;
  /** A reply longer than this counts as no reply. */
  maxBytes: number;
}

export interface HttpReply {
  status: number;
  contentType: string;
  body: Uint8Array;
  /** Seconds that the service asks to wait before the next try; 0 when it does not say. */
  retryAfter: number;
}

/** The service answers with more than the caller takes. */
export class ReplyTooLong extends Error {}

/** Where a request travels: one pool of connections to one service. */
export type Connections = HttpAgent;

/** Connections that are used again, as long as the service lets them. */
export function sharedConnections(url: URL): Connections {
  return url.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
}

/** A connection of its own, closed after one request: nothing ties it to another one. */
export function ownConnection(url: URL): Connections {
  const options = { keepAlive: false, maxCachedSessions: 0 };
  return url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}

async function readReply(reply: IncomingMessage, maxBytes: number): Promise<HttpReply> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of reply as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) throw new ReplyTooLong();
    chunks.push(chunk);
  }
  return {
    status: reply.statusCode ?? 0,
    contentType: reply.headers['content-type'] ?? '',
    body: new Uint8Array(Buffer.concat(chunks)),
    retryAfter: Number(reply.headers['retry-after'] ?? 0) || 0,
  };
}

function attempt(url: URL, connections: Connections, request: HttpRequest): Promise<HttpReply | 'stale'> {
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: request.method,
      agent: connections,
      signal: AbortSignal.timeout(request.timeoutSeconds * 1000),
      headers: { ...request.headers, ...(request.body && { 'content-length': String(request.body.length) }) },
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (outgoing.reusedSocket && error.code === 'ECONNRESET') resolve('stale');
      else reject(error);
    });
    outgoing.on('response', (reply) => {
      readReply(reply, request.maxBytes).then(resolve, (error: unknown) => {
        reply.destroy();
        reject(error);
      });
    });
    outgoing.end(request.body);
  });
}

/** How requests travel: `send` itself, or what stands in for it. */
export type Send = (url: URL, connections: Connections, request: HttpRequest) => Promise<HttpReply>;

/** The reply, whatever its status. Throws what Node throws when there is none, an AbortError after the time. */
export async function send(url: URL, connections: Connections, request: HttpRequest): Promise<HttpReply> {
  for (;;) {
    const reply = await attempt(url, connections, request);
    // A kept connection that the service had closed meanwhile says nothing about the service: take a fresh one.
    if (reply !== 'stale') return reply;
  }
}
