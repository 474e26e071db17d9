// Who may keep a connection: whoever has shown the token before whoever has not, and of those the newest.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { problem } from "./problem.js";

export interface ConnectionLimits {
  /** connections on which no token was shown yet */
  readonly strangers: number;
  /** connections on which it was, streams included */
  readonly holders: number;
}

const LIMITS: ConnectionLimits = { strangers: 64, holders: 64 };

const TURNED_AWAY =
  "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/**
 * The connections of a server, in two bounded sets. A silent stranger is closed when its set is full and another comes:
 * it cannot keep the token's holder out, who needs a place among strangers for one request's headers only.
 */
export class Connections {
  /** from the oldest on */
  private readonly strangers = new Set<Socket>();
  /** the requests under way on each, from the one that was idle longest on */
  private readonly holders = new Map<Socket, number>();
  private readonly limits: ConnectionLimits;

  constructor(limits: Partial<ConnectionLimits> = {}) {
    this.limits = { ...LIMITS, ...limits };
  }

  watch(server: Server): void {
    server.on("connection", (socket: Socket) => {
      this.strangers.add(socket);
      socket.once("close", () => {
        this.strangers.delete(socket);
        this.holders.delete(socket);
      });
      const [oldest] = this.strangers;
      if (this.strangers.size > this.limits.strangers) this.turnAway(oldest!);
    });
  }

  /** A request with the token has come on `socket`. Returns what is to be called at its end. @throws Problem CONNECTIONS_EXHAUSTED */
  hold(socket: Socket): () => void {
    const underWay = this.holders.get(socket);
    // A socket that no server has accepted is a test's.
    if (underWay === undefined && !this.strangers.delete(socket)) return () => {};
    if (underWay === undefined && this.holders.size >= this.limits.holders) this.closeIdleHolder();
    this.holders.set(socket, (underWay ?? 0) + 1);
    return () => {
      const left = this.holders.get(socket);
      if (left === undefined) return;
      this.holders.delete(socket);
      this.holders.set(socket, left - 1);
    };
  }

  private closeIdleHolder(): void {
    for (const [socket, underWay] of this.holders) {
      if (underWay > 0) continue;
      this.holders.delete(socket);
      socket.destroy();
      return;
    }
    throw problem("CONNECTIONS_EXHAUSTED");
  }

  private turnAway(socket: Socket): void {
    this.strangers.delete(socket);
    socket.end(TURNED_AWAY, () => socket.destroy());
  }
}
