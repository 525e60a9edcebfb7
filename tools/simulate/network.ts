/** The network inside a simulation: requests to services of this process, without a socket, in virtual time. */
import type { FastifyInstance } from 'fastify';
import type { Send } from '../../host/kiosk/http.js';

/** Carries each request to the service that `inject` then is; that one may have been started anew since the last. */
export function carriedTo(inject: () => FastifyInstance['inject']): Send {
  return async (url, _connections, request) => {
    const reply = await inject()({
      method: request.method,
      url: `${url.pathname}${url.search}`,
      headers: { ...request.headers, host: url.host },
      ...(request.body === undefined ? {} : { payload: Buffer.from(request.body) }),
    });
    const retryAfter = Number(reply.headers['retry-after'] ?? 0) || 0;
    const contentType = String(reply.headers['content-type'] ?? '');
    return { status: reply.statusCode, contentType, body: new Uint8Array(reply.rawPayload), retryAfter };
  };
}

/** A line that can be cut: what is sent meanwhile fails as a socket's would. */
export class Line {
  isUp = true;

  constructor(private readonly carry: Send) {}

  readonly send: Send = (url, connections, request) => {
    if (!this.isUp) return Promise.reject(Object.assign(new Error('the line is cut'), { code: 'ENETUNREACH' }));
    return this.carry(url, connections, request);
  };
}
