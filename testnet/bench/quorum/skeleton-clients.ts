// The skeleton's clients: bare sockets in place of an API.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Bytes } from "../../../src/base/index.js";
import type { Orderer } from "./load.js";

const HEAD_BYTES = 4;

/** One socket, one operation at a time: it is taken when a byte comes back. */
class SkeletonLane {
  private taken: { resolve(): void; reject(error: Error): void } | null = null;

  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on("data", () => {
      this.taken?.resolve();
      this.taken = null;
    });
    socket.on("close", () => this.taken?.reject(new Error("the skeleton closed the connection")));
  }

  submit(operation: Bytes): Promise<void> {
    const frame = Buffer.alloc(HEAD_BYTES + operation.length);
    frame.writeUInt32BE(operation.length);
    frame.set(operation, HEAD_BYTES);
    return new Promise((resolve, reject) => {
      this.taken = { resolve, reject };
      this.socket.write(frame);
    });
  }
}

export class SkeletonClients implements Orderer {
  private readonly listeners = new Set<(operations: number) => void>();

  private constructor(
    private readonly sockets: readonly Socket[],
    private readonly connections: readonly SkeletonLane[],
    private readonly events: Socket,
  ) {
    let held: Buffer = Buffer.alloc(0);
    events.on("data", (chunk) => {
      held = Buffer.concat([held, chunk]);
      for (; held.length >= HEAD_BYTES; held = held.subarray(HEAD_BYTES)) {
        for (const listener of this.listeners) listener(held.readUInt32BE(0));
      }
    });
  }

  /** Lane i goes to member i mod the number of ports. */
  static async open(ports: readonly number[], lanes: number): Promise<SkeletonClients> {
    const to = async (port: number): Promise<Socket> => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      return socket;
    };
    const sockets: Socket[] = [];
    for (let i = 0; i < lanes; i++) sockets.push(await to(ports[i % ports.length]!));
    const events = await to(ports[0]!);
    events.write(Buffer.alloc(HEAD_BYTES));
    return new SkeletonClients(
      sockets,
      sockets.map((socket) => new SkeletonLane(socket)),
      events,
    );
  }

  get lanes(): number {
    return this.connections.length;
  }

  submit(lane: number, operation: Bytes): Promise<void> {
    return this.connections[lane]!.submit(operation);
  }

  onFinal(listener: (operations: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  rest(): void {}

  close(): void {
    for (const socket of [...this.sockets, this.events]) socket.destroy();
  }
}
