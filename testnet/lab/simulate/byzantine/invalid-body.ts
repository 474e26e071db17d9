// Leads with what is invalid on its face: nonsense or repetitions in the body, false counts, a header against itself.
import type { Bytes } from "../../../../src/base/index.js";
import { leafHash, merkleRoot } from "../../../../src/crypto/index.js";
import { type Header, opsBytesOf, type Propose } from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import { messageOf, ownProposal, type Strategy, soon, toMembers } from "./strategy.js";

interface Bent {
  readonly header: Header;
  readonly ops: readonly Bytes[];
}

/** The header of other operations. */
const over = (header: Header, ops: readonly Bytes[]): Bent => ({
  header: {
    ...header,
    opsRoot: merkleRoot(ops.map(leafHash)),
    opsCount: ops.length,
    opsBytes: opsBytesOf(ops),
  },
  ops,
});

const NONSENSE = new Uint8Array(900).fill(0x5a);

const WAYS: readonly ((own: Bent) => Bent)[] = [
  ({ header, ops }) => over(header, [...ops, NONSENSE]),
  ({ header, ops }) => over(header, [...ops, ...(ops.length > 0 ? ops.slice(0, 1) : [NONSENSE, NONSENSE])]),
  ({ header, ops }) => {
    const bent = over(header, [...ops, NONSENSE]);
    return { ...bent, header: { ...bent.header, opsCount: ops.length + 2 } };
  },
  ({ header, ops }) => ({ header: { ...header, execHeight: header.height }, ops }),
];

/** It votes by the rules; of its own proposals nobody sees but one that is invalid. */
export const invalidBody: Strategy = (forger, random) => {
  const said = new Map<number, Propose>();

  function bent(own: Propose): Propose {
    const { header, ops } = own.entry;
    const known = said.get(header.term);
    if (known !== undefined) return known;
    const lie = random.pick(WAYS)({ header, ops });
    const propose = forger.propose(lie.header, lie.ops, own);
    said.set(header.term, propose);
    return propose;
  }

  return {
    speak: (outgoing): Speech[] =>
      outgoing.flatMap((one) => {
        const message = messageOf(one);
        const own = ownProposal(forger, message);
        if (own !== null) return [soon(toMembers({ kind: "propose", propose: bent(own) }))];
        return [soon(one)];
      }),
    hear: () => [],
  };
};
