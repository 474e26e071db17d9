// Two ends of one stream in memory: libp2p's own stream, with nothing between its ends but the event loop.
import type { Logger } from "@libp2p/interface";
import { AbstractStream } from "@libp2p/utils";

const silent: Logger = Object.assign(() => undefined, {
  error: () => undefined,
  trace: () => undefined,
  enabled: false,
  newScope: () => silent,
});

class MemoryStream extends AbstractStream {
  other: MemoryStream | null = null;

  constructor(direction: "inbound" | "outbound") {
    super({ id: direction, direction, log: silent, protocol: "/memory" });
  }

  /** On the next turn, as from a socket. */
  private tell(what: (other: MemoryStream) => void): void {
    const { other } = this;
    if (other !== null) setImmediate(() => other.status === "open" && what(other));
  }

  override sendData(data: Parameters<AbstractStream["sendData"]>[0]) {
    const bytes = data.slice();
    this.tell((other) => other.onData(bytes));
    return { sentBytes: bytes.byteLength, canSendMore: true };
  }

  override sendReset(): void {
    this.tell((other) => other.onRemoteReset());
  }

  override async sendCloseWrite(): Promise<void> {
    this.tell((other) => other.onRemoteCloseWrite());
  }

  override async sendCloseRead(): Promise<void> {}
  override sendPause(): void {}
  override sendResume(): void {}
}

export function memoryPair(): readonly [opener: AbstractStream, responder: AbstractStream] {
  const [opener, responder] = [new MemoryStream("outbound"), new MemoryStream("inbound")];
  opener.other = responder;
  responder.other = opener;
  return [opener, responder];
}
