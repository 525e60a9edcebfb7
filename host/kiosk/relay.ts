/**
 * The blind relay: what token and server say to each other passes through here as it is. The kiosk can read neither
 * side of it, keeps none of it, and remembers only whether the server could be reached.
 */
import { GaletError } from '../errors.js';
import { RELEASES_BYTES_MAX, releasesFrom } from '../release/answer.js';
import { IMAGE_MAX } from '../release/image.js';
import { type HttpReply, type HttpRequest, ReplyTooLong, type Send, send, sharedConnections } from './http.js';

const TIMEOUT_SECONDS = 20;
/** A sealed answer is 26 kB in base64. */
const REPLY_MAX = 131_072;

export interface RelayRequest {
  method: 'GET' | 'POST';
  path: string;
  /** JSON. */
  body?: unknown;
  /** Passed on for the one call that an operator makes. */
  authorization?: string;
  /** Of the reply, where a sealed answer's length is not enough. */
  maxBytes?: number;
}

export class Relay {
  /** undefined before the first try. */
  reachable: boolean | undefined;
  private readonly base: URL;
  private readonly connections;
  private onReturn: () => void = () => {};

  constructor(
    backendUrl: string,
    private readonly carry: Send = send,
  ) {
    this.base = new URL(backendUrl);
    this.connections = sharedConnections(this.base);
  }

  /** Registers who is told when the server answers again. */
  whenBack(listener: () => void): void {
    this.onReturn = listener;
  }

  /**
   * The server's reply, whatever it says. Throws 'backend-unreachable' or, for 500 and above or a reply without end,
   * 'backend-failing'.
   */
  async pass(request: RelayRequest): Promise<HttpReply> {
    const maxBytes = request.maxBytes ?? REPLY_MAX;
    const outgoing: HttpRequest = { method: request.method, timeoutSeconds: TIMEOUT_SECONDS, maxBytes };
    outgoing.headers = {};
    if (request.authorization !== undefined) outgoing.headers.authorization = request.authorization;
    if (request.body !== undefined) {
      outgoing.headers['content-type'] = 'application/json';
      outgoing.body = Buffer.from(JSON.stringify(request.body));
    }
    let reply: HttpReply;
    try {
      reply = await this.carry(new URL(request.path, this.base), this.connections, outgoing);
    } catch (error) {
      if (error instanceof ReplyTooLong) throw new GaletError('backend-failing', {}, error);
      this.reachable = false;
      throw new GaletError('backend-unreachable', {}, error);
    }
    const wasAway = this.reachable === false;
    this.reachable = true;
    if (wasAway) this.onReturn();
    if (reply.status >= 500) throw new GaletError('backend-failing');
    return reply;
  }

  /** A parameter of the authority: the longest random delay of a report, in seconds. */
  async reportDelaySeconds(): Promise<number> {
    const reply = await this.pass({ method: 'GET', path: '/galet/v1/parameters' });
    const parameters = jsonOf(reply) as { reportDelaySeconds?: unknown } | undefined;
    const delay = parameters?.reportDelaySeconds;
    if (reply.status !== 200 || typeof delay !== 'number' || delay < 0) throw new GaletError('backend-failing');
    return delay;
  }

  /** What is signed for tokens of a board, as the server has it: nobody here can verify it. Throws as `pass`. */
  async releases(board: string): Promise<HttpReply> {
    const path = `/galet/v1/releases/${encodeURIComponent(board)}`;
    const reply = await this.pass({ method: 'GET', path, maxBytes: RELEASES_BYTES_MAX });
    if (reply.status === 200) {
      mustBe('application/json', reply);
      releasesFrom(jsonOf(reply));
    }
    return reply;
  }

  /** The image of a board's release. Throws as `pass`. */
  async image(board: string): Promise<HttpReply> {
    const path = `/galet/v1/releases/${encodeURIComponent(board)}/image`;
    const reply = await this.pass({ method: 'GET', path, maxBytes: IMAGE_MAX });
    if (reply.status === 200) mustBe('application/octet-stream', reply);
    return reply;
  }

  close(): void {
    this.connections.destroy();
  }
}

function mustBe(type: string, reply: HttpReply): void {
  if (reply.contentType.split(';')[0]?.trim() !== type) throw new GaletError('backend-failing', {}, reply.contentType);
}

/** The JSON of a reply; undefined when it holds none. */
export function jsonOf(reply: HttpReply): unknown {
  try {
    return JSON.parse(Buffer.from(reply.body).toString('utf8'));
  } catch {
    return undefined;
  }
}
