// Noise whose frames cost a connection one write and its reader no exception.
import type { Socket } from "node:net";
import type { MessageStream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";

/** What this file knows of TCP's connections beyond their published interface; version 11.0.28 is pinned. */
interface OverSocket {
  readonly socket: Socket;
  sendData(data: unknown): { readonly sentBytes: number; readonly canSendMore: boolean };
}

/** What it knows of Noise's; version 17.0.3 is pinned. */
interface Framed {
  readonly decoder: { lengthDecoder: (data: Received) => number };
}
interface Received {
  readonly byteLength: number;
  getUint16(at: number): number;
}

const HEAD_BYTES = 2;
/** Longer than whatever is here without its head: the decoder waits for more. */
const UNKNOWN_LENGTH = 0xffff;

/**
 * The published encrypter hands each frame to the socket in two pieces, its length and the rest, and the socket writes
 * each at once: two calls of the system and two packets for every message. Its reader looks for a further frame after
 * each one by an exception, with the stack that goes with it: of a peer under light load the exceptions take a
 * fifteenth of the CPU time.
 */
export function thriftyNoise(): ReturnType<typeof noise> {
  const make = noise();
  return (components) => {
    const encrypter = make(components);
    const { secureInbound, secureOutbound } = encrypter;
    encrypter.secureInbound = thrifty(secureInbound.bind(encrypter));
    encrypter.secureOutbound = thrifty(secureOutbound.bind(encrypter));
    return encrypter;
  };
}

type Secure = ReturnType<ReturnType<typeof noise>>["secureInbound"];

function thrifty(secure: Secure): Secure {
  return async (connection, options) => {
    gatherWrites(connection as MessageStream & OverSocket);
    const secured = await secure(connection, options);
    (secured.connection as MessageStream & Framed).decoder.lengthDecoder = lengthOfFrame;
    return secured;
  };
}

const lengthOfFrame = (data: Received): number =>
  data.byteLength < HEAD_BYTES ? UNKNOWN_LENGTH : data.getUint16(0);

/** What one turn of the event loop sends leaves the connection in one write. */
function gatherWrites(connection: OverSocket): void {
  const { socket } = connection;
  const sendData = connection.sendData.bind(connection);
  let isGathering = false;
  const flush = (): void => {
    if (isGathering) socket.uncork();
    isGathering = false;
  };
  connection.sendData = (data) => {
    if (!isGathering) {
      isGathering = true;
      socket.cork();
      setImmediate(flush);
    }
    const sent = sendData(data);
    // Who sends much need not wait for the turn's end before the system takes the first of it.
    if (!sent.canSendMore) flush();
    return sent;
  };
}
