// A skeleton member's body: the daemons' streams, store and disk, and a bare socket for clients.
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { FrameStream, frameOf } from "../../../node/net/frame-stream.js";
import { openStore } from "../../../node/store/level-store.js";
import type { Store } from "../../../node/store/store.js";
import type { Bytes } from "../../../src/base/index.js";
import { type BareHost, bareHost } from "../bare-host.js";
import { readFrame } from "./skeleton-frames.js";
import { SkeletonMember } from "./skeleton-member.js";

const FRAMES = "/skeleton/2/frames";
const MAX_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = 4;
const TAKEN = Buffer.from([1]);

/** Where a member is found. */
export interface SkeletonPlace {
  readonly address: string;
  readonly clientPort: number;
}

export class SkeletonHost {
  private readonly links: Stream[] = [];
  /** clients that asked to be told of what is final */
  private readonly told = new Set<Socket>();
  private readonly member: SkeletonMember;

  private constructor(
    seat: number,
    seats: number,
    private readonly folder: string,
    private readonly host: BareHost,
    private readonly store: Store,
    private readonly server: Server,
  ) {
    this.member = new SkeletonMember({
      seat,
      seats,
      store,
      broadcast: (frames) => this.broadcast(frames),
      onFinal: (operations) => this.tell(operations),
    });
    server.on("connection", (socket) => this.serve(socket));
  }

  static async open(seat: number, seats: number): Promise<SkeletonHost> {
    const folder = await mkdtemp(join(tmpdir(), "mabeam-skeleton-"));
    const host = await bareHost([]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const opened = new SkeletonHost(seat, seats, folder, host, await openStore(folder), server);
    await host.handle(FRAMES, (stream) => void opened.listen(stream).catch(() => undefined), {
      maxInboundStreams: seats,
    });
    return opened;
  }

  get place(): SkeletonPlace {
    return {
      address: this.host.getMultiaddrs()[0]!.toString(),
      clientPort: (this.server.address() as AddressInfo).port,
    };
  }

  /** Opens a stream to each other member. */
  async link(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      const stream = await this.host.dialProtocol(multiaddr(address), FRAMES, { maxOutboundStreams: 8 });
      this.links.push(stream);
    }
  }

  async close(): Promise<void> {
    this.server.close();
    await this.host.stop();
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private broadcast(frames: readonly Bytes[]): void {
    const together = Buffer.concat(frames.map(frameOf));
    // Others may have ended already.
    for (const link of this.links) if (link.status === "open") link.send(together);
  }

  private async listen(stream: Stream): Promise<void> {
    const frames = new FrameStream(stream, MAX_BYTES);
    for (;;) void this.member.hear(readFrame(await frames.read()));
  }

  /** Operations, each after its length; an empty one asks to be told of finality instead. */
  private serve(socket: Socket): void {
    let held: Buffer = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => this.told.delete(socket));
    socket.on("data", (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      while (held.length >= HEAD_BYTES && held.length >= HEAD_BYTES + held.readUInt32BE(0)) {
        const end = HEAD_BYTES + held.readUInt32BE(0);
        if (end === HEAD_BYTES) this.told.add(socket);
        else void this.member.take(new Uint8Array(held.subarray(HEAD_BYTES, end)), () => socket.write(TAKEN));
        held = held.subarray(end);
      }
    });
  }

  private tell(operations: number): void {
    const count = Buffer.alloc(HEAD_BYTES);
    count.writeUInt32BE(operations);
    for (const socket of this.told) socket.write(count);
  }
}
