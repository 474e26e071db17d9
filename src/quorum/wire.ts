// Frames: a quorum message as it travels on a stream or a topic, read strictly and within one size.
import { type Bytes, type DecodeError, decode, encode, type Result } from "../base/index.js";
import { MAX_FRAME_BYTES } from "./limits.js";
import { type QuorumMessage, quorumMessage } from "./message.js";

/** The one encoding of a message. @throws InvariantError for a message that no peer would accept. */
export const encodeMessage = (message: QuorumMessage): Bytes => encode(quorumMessage, message);

/** The message in a frame of at most MAX_FRAME_BYTES, or why there is none (R0). */
export const decodeMessage = (frame: Bytes): Result<QuorumMessage, DecodeError> =>
  decode(quorumMessage, frame, MAX_FRAME_BYTES);
