// A peer without a seat that lies: it claims heights that nobody has, and gives those who ask a log that nobody agreed on.
import { taggedHash } from "../../../../src/crypto/index.js";
import {
  type Certificate,
  encodeMessage,
  entryIdOf,
  type Header,
  type QuorumMessage,
} from "../../../../src/quorum/index.js";
import type { Random } from "../world/random.js";
import type { Speech, Tamper } from "../world/world.js";
import { soon } from "./strategy.js";

type Page = Extract<QuorumMessage, { readonly kind: "log" }>;

const FAR = 2 ** 52;

/** It has no key that anybody believes: what it signs is nobody's. */
export function stranger(random: Random): Tamper {
  const raised = (header: Header, by: number): Header => ({
    ...header,
    height: header.height + by,
    parent: taggedHash("entry", header.parent),
  });

  const forged = (cert: Certificate, header: Header): Certificate => ({
    ...cert,
    entryId: entryIdOf(header),
    sigs: cert.sigs.map(() => random.bytes(64)),
  });

  function lie(page: Page): Page {
    const [first] = page.entries;
    if (first === undefined || page.cert === null || random.chance(0.3)) return { ...page, entries: [] };
    const entries = page.entries.map((one) => ({ ...one, header: raised(one.header, 0) }));
    return { ...page, entries, cert: forged(page.cert, entries.at(-1)!.header) };
  }

  /** A final of an entry far above, under the names of those who signed a real one. */
  function claim({ entries, cert }: Page): readonly Speech[] {
    const last = entries.at(-1);
    if (last === undefined || cert === null) return [];
    const header = raised(last.header, random.pick([1, 1_000, FAR - last.header.height]));
    const final = { kind: "final", header, cert: forged(cert, header) } as const;
    return [
      soon({ to: "topic", topic: "final", bytes: encodeMessage(final) }),
      soon({ to: "members", message: final }),
    ];
  }

  return {
    speak: (outgoing) =>
      outgoing.flatMap((one) => {
        if (one.to === "topic" || one.message.kind !== "log") return [soon(one)];
        return [soon({ ...one, message: lie(one.message) }), ...claim(one.message)];
      }),
    hear: (message) => (message.kind === "log" ? claim(message) : []),
  };
}
