// The fuzzer finds what is planted: each bug is one that decoders and handlers really have had, and the true ones have none.
import { beforeAll, describe, expect, it } from "vitest";
import { MAJOR_UINT, Reader } from "../../src/base/codec/reader.js";
import {
  bytes,
  type Codec,
  encode,
  list,
  optional,
  struct,
  toHex,
  uint,
  union,
} from "../../src/base/index.js";
import { certificate, vote } from "../../src/quorum/index.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import type { Cluster } from "../quorum/harness/cluster.js";
import { type Finding, fuzz } from "./fuzzer.js";
import { generated } from "./generate.js";
import { itemsOf } from "./items.js";
import { install } from "./meter.js";
import type { Target } from "./target.js";
import { codecTarget } from "./targets/codec.js";
import { DECODERS } from "./targets/decoders.js";
import { voterTarget } from "./targets/voter.js";

beforeAll(install);

const INPUTS = 20_000;

/** What a run over a codec finds. */
async function findingOf(codec: Codec<unknown>): Promise<Finding | null> {
  const target = codecTarget({ name: "planted", share: 1, codec, maxBytes: 4096 });
  return (await fuzz(target, [], 1, INPUTS)).finding;
}

const message = (number: Codec<number>) =>
  union({
    ask: [0, struct({ from: [0, number], max: [1, uint(64, 1)] })],
    tell: [1, struct({ items: [0, list(number, 8)], note: [1, optional(bytes(16))] })],
  });

/** An integer that is also read where its head is wider than it needs to be. */
const lax: Codec<number> = {
  ...uint(),
  write: (writer, value) => writer.head(MAJOR_UINT, value),
  read(reader) {
    const { offset } = reader;
    const initial = (reader as unknown as { bytes: Uint8Array }).bytes[offset];
    if (initial !== 0x19) return reader.head(MAJOR_UINT);
    reader.offset++;
    const [high, low] = reader.take(2);
    return high! * 256 + low!;
  },
};

describe("the fuzzer finds", () => {
  it("nothing in a decoder without a bug", async () => {
    expect(await findingOf(message(uint()))).toBeNull();
  });

  it("an integer that may be written in two ways, and shrinks the input to little more than it", async () => {
    const finding = await findingOf(message(lax));
    expect(finding?.error.message).toContain("would not have written");
    expect(finding!.input.length).toBeLessThan(16);
  });

  it("a decoder that throws on an empty list", async () => {
    const items = list(uint(), 4);
    const first: Codec<readonly number[]> = {
      ...items,
      read(reader) {
        const values = items.read(reader);
        if (reader.constructor === Reader) values[0]!.toString(); // the generator reads with a reader of its own
        return values;
      },
    };
    const finding = await findingOf(struct({ v: [0, uint(1)], items: [1, first] }));
    expect(finding?.error).toBeInstanceOf(TypeError);
    expect(toHex(finding!.input)).toBe("a200000180");
  });

  it("a field that is read and not written again", async () => {
    const known = struct({ a: [0, uint()], b: [1, optional(uint())] });
    const finding = await findingOf({
      ...known,
      write: (writer, value) => known.write(writer, { ...(value as { a: number }), b: null }),
    } as Codec<unknown>);
    expect(finding?.error.message).toContain("would not have written");
  });

  it("a reader that looks at its input more than once", async () => {
    const patient: Codec<number> = {
      ...uint(),
      write: (writer, value) => writer.head(MAJOR_UINT, value),
      read(reader) {
        const { offset } = reader;
        for (let i = 0; i < 64; i++) {
          reader.offset = offset;
          reader.head(MAJOR_UINT);
        }
        reader.offset = offset;
        return reader.head(MAJOR_UINT);
      },
    };
    expect((await findingOf(struct({ n: [0, patient] })))?.error.message).toMatch(/heads read/);
  });

  it("a handler that fails on one number of a range", async () => {
    const asked = message(uint());
    const target: Target = {
      ...codecTarget({ name: "planted", share: 1, codec: asked, maxBytes: 4096 }),
      take(input) {
        const reader = new Reader(input);
        try {
          const value = asked.read(reader);
          if (value.kind === "ask" && value.from === 2 ** 53 - 1)
            (null as unknown as { boom(): void }).boom();
        } catch (error) {
          if (error instanceof TypeError) throw error;
          return "refused";
        }
        return "ok";
      },
    };
    expect((await fuzz(target, [], 1, INPUTS)).finding?.error).toBeInstanceOf(TypeError);
  });
});

describe("the generator", () => {
  it("makes values of every schema that travels, is carried or is stored", () => {
    const without = DECODERS.filter((target) => target.seeds().length < 8);
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it("makes values that fit: certificates and votes of every kind", () => {
    const random = new Random(7, "generate");
    const types = new Set(Array.from({ length: 60 }, () => generated(vote, random)?.type));
    expect([...types].sort()).toEqual(["ack", "commit", "skip"]);
    for (let i = 0; i < 20; i++)
      expect(encode(certificate, generated(certificate, random)!).length).toBeGreaterThan(64);
  });
});

describe("the items of an encoding", () => {
  it("are found with their ends, whatever is inside", () => {
    const items = itemsOf(Uint8Array.of(0xa2, 0x00, 0x82, 0x01, 0x41, 0xff, 0x01, 0xa0));
    expect(items.map(({ start, end, parent }) => [start, end, parent])).toEqual([
      [0, 8, -1],
      [1, 2, 0],
      [2, 6, 0],
      [3, 4, 2],
      [4, 6, 2],
      [6, 7, 0],
      [7, 8, 0],
    ]);
  });

  it("of a million nestings are read without a stack", () => {
    expect(itemsOf(new Uint8Array(1_000_000).fill(0x81)).length).toBe(4096);
  });
});

describe("scripts against running members find", () => {
  /** What a run of so many blows finds where honest members are built with a bug. */
  const struckBy = async (bug: (cluster: Cluster) => void): Promise<string> =>
    (await fuzz({ ...voterTarget(bug), trials: 0 }, [], 2, 1_600)).finding?.error.message ?? "nothing";

  it("nothing in honest members", async () => {
    expect(await struckBy(() => undefined)).toBe("nothing");
  });

  it("a member that checks no signature: the honest are accused, or the log forks", async () => {
    const found = await struckBy(({ seats }) => {
      seats.verifier.verify = () => true;
    });
    expect(found).toMatch(/accused|convicted|fork|disagrees|amnesia|liveness/);
  });

  it("a member that throws on a list without certificates", async () => {
    const found = await struckBy(({ members }) => {
      for (const member of members) {
        const take = member.take.bind(member);
        member.take = (input) => {
          if (input.kind === "message" && input.message.kind === "justify")
            input.message.certs[0]!.sigs.at(0);
          return take(input);
        };
      }
    });
    expect(found).toMatch(/undefined/);
  });

  it("a member that remembers everything it hears", async () => {
    const found = await struckBy(({ members }) => {
      let heard = 0;
      for (const member of members) {
        const take = member.take.bind(member);
        member.take = (input) => {
          member.voter?.finalTerms.set(2 ** 40 + heard++, "");
          return take(input);
        };
      }
    });
    expect(found).toMatch(/finalTerms holds/);
  });
});
