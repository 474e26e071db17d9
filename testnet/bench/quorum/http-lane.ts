// A lane: one keep-alive connection to an HTTP API, one request at a time, read with as little work as will do.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** The client is not what is measured: a whole HTTP library would take a good part of a machine of two cores. */
export class HttpLane {
  private readonly head: string;
  private socket: Socket | null = null;
  private held: Buffer = Buffer.alloc(0);
  private answered: { resolve(answer: HttpAnswer): void; reject(error: Error): void } | null = null;

  /** @param headers lines that every request bears, without Host and Content-Length */
  constructor(
    private readonly url: string,
    headers: readonly string[],
  ) {
    this.head = [`Host: ${new URL(url).host}`, ...headers, ""].join("\r\n");
  }

  /**
   * Connects where there is no connection, since an API ends those that rest; asks again where it ended one in the very
   * moment: a benchmark's questions may be asked twice. @throws Error when a new connection is lost
   */
  async ask(method: "GET" | "POST", path: string, body = ""): Promise<HttpAnswer> {
    const hasRested = this.socket !== null;
    const asked = this.askOnce(method, path, body);
    return hasRested ? asked.catch(() => this.askOnce(method, path, body)) : asked;
  }

  private async askOnce(method: "GET" | "POST", path: string, body: string): Promise<HttpAnswer> {
    const socket = this.socket ?? (await this.connected());
    return new Promise((resolve, reject) => {
      this.answered = { resolve, reject };
      socket.write(
        `${method} ${path} HTTP/1.1\r\n${this.head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }

  close(): void {
    this.socket?.destroy();
    this.socket = null;
    this.answered = null;
    this.held = Buffer.alloc(0);
  }

  private async connected(): Promise<Socket> {
    const { hostname, port } = new URL(this.url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.take(chunk));
    socket.on("error", (error) => this.lost(socket, error));
    socket.on("close", () => this.lost(socket, new Error("the API closed the connection")));
    this.socket = socket;
    return socket;
  }

  private take(chunk: Buffer): void {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const headEnd = this.held.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.held.toString("latin1", 0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + HEAD_END.length + length;
    if (this.held.length < end) return;
    const body = this.held.subarray(end - length, end);
    this.held = this.held.subarray(end);
    const { answered } = this;
    this.answered = null;
    answered?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  private lost(socket: Socket, error: Error): void {
    if (this.socket !== socket) return;
    this.answered?.reject(error);
    this.close();
  }
}
