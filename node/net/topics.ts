// The topics of one market, and the id of a message: its content, so that a replay by another peer is the same one.
import { hash } from "node:crypto";
import { type Bytes, type Hash, toHex, utf8 } from "../../src/base/index.js";
import type { Topic } from "../../src/peer/ready.js";
import { TOPICS_BY_PRIORITY } from "./limits.js";

const ID_BYTES = 20;
/** What `taggedHash` puts before its input for the tag `msg`; `node:crypto` is many times faster on short input. */
const TAG_HEAD = Buffer.concat([Uint8Array.of(3), utf8("mabeam/1/msg")]);

/** The first 8 bytes, in hexadecimal: enough to keep networks apart by name. */
export const short = (id: Hash): string => toHex(id.subarray(0, 8));

export class Topics {
  private readonly kinds = new Map<string, Topic>();
  private readonly heads = new Map<string, Bytes>();
  private readonly names = {} as Record<Topic, string>;

  constructor(chain: Hash, market: Hash) {
    for (const kind of TOPICS_BY_PRIORITY) {
      const name = `/mabeam/1/${short(chain)}/${short(market)}/${kind}`;
      this.names[kind] = name;
      this.kinds.set(name, kind);
      this.heads.set(name, Buffer.concat([TAG_HEAD, utf8(name)]));
    }
  }

  nameOf(kind: Topic): string {
    return this.names[kind];
  }

  kindOf(name: string): Topic | null {
    return this.kinds.get(name) ?? null;
  }

  all(): string[] {
    return TOPICS_BY_PRIORITY.map((kind) => this.names[kind]);
  }

  /** SHA256('msg' ‖ topic ‖ data)[0..20] with the tag's domain (spec/network#T2). */
  idOf(name: string, data: Bytes): Bytes {
    const head = this.heads.get(name) ?? Buffer.concat([TAG_HEAD, utf8(name)]);
    const input = Buffer.allocUnsafe(head.length + data.length);
    input.set(head);
    input.set(data, head.length);
    return hash("sha256", input, "buffer").subarray(0, ID_BYTES);
  }
}

/** A message id as a map's key. */
export const idText = (id: Bytes): string =>
  Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("base64");
