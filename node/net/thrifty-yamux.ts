// Yamux that tells the other side of room in its window when half is used, and not after every frame.
import { yamux } from "@libp2p/yamux";

/** What this file knows of yamux beyond its published interface; version 8.0.3 is pinned. */
interface Windowed {
  readonly state: number;
  readonly recvWindow: number;
  readonly recvWindowCapacity: number;
  sendWindowUpdate(): void;
}
interface StreamMaker {
  _newStream(...init: readonly unknown[]): Windowed;
}

const ESTABLISHED = 3;

/**
 * The published muxer answers each data frame, however short, with an update of its own: one more packet to encrypt,
 * write, read and decrypt for every one that carries something. Half a window is what other implementations wait for.
 */
export function thriftyYamux(init: Parameters<typeof yamux>[0]): ReturnType<typeof yamux> {
  const make = yamux(init);
  return () => {
    const factory = make();
    const create = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection) => {
      const muxer = create(connection);
      const maker = muxer as unknown as StreamMaker;
      const newStream = maker._newStream.bind(muxer);
      maker._newStream = (...args) => thrifty(newStream(...args));
      return muxer;
    };
    return factory;
  };
}

function thrifty(stream: Windowed): Windowed {
  const update = stream.sendWindowUpdate.bind(stream);
  stream.sendWindowUpdate = () => {
    const plenty = stream.recvWindowCapacity > stream.recvWindow / 2;
    // Before a stream stands, an update also carries its opening or its answer.
    if (stream.state !== ESTABLISHED || !plenty) update();
  };
  return stream;
}
