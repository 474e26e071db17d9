// Proposals that a liar makes in place of its machine's: the same one at each repetition, and no vote for the other.
import { toHex } from "../../../../src/base/index.js";
import {
  bodyOf,
  entryIdOf,
  type Header,
  opsBytesOf,
  opsRootOf,
  type Propose,
} from "../../../../src/quorum/index.js";
import type { Tamper } from "../world/world.js";
import { type Forger, messageOf, ownProposal, ownVote, soon, toMembers } from "./strategy.js";

/** A header that commits to other operations. */
export function withOps(header: Header, ops: readonly Uint8Array[]): Header {
  return { ...header, opsRoot: opsRootOf(bodyOf(ops)), opsCount: ops.length, opsBytes: opsBytesOf(ops) };
}

/**
 * Says `changed` in place of each own proposal. The machine believes in its own: what it votes for it is not said,
 * so that nothing here is evidence.
 * @param afterMs how much later than the honest moment a proposal is said
 */
export function rewriting(
  forger: Forger,
  changed: (own: Propose) => Propose,
  afterMs: (said: Propose) => number = () => 0,
): Tamper["speak"] {
  const made = new Map<number, Propose>();
  const unsaid = new Set<string>();

  function inPlaceOf(own: Propose): Propose {
    const { header } = own.entry;
    const known = made.get(header.term) ?? changed(own);
    made.set(header.term, known);
    if (known !== own) unsaid.add(toHex(entryIdOf(header)));
    return known;
  }

  return (outgoing) =>
    outgoing.flatMap((one) => {
      const message = messageOf(one);
      const proposal = ownProposal(forger, message);
      if (proposal !== null) {
        const said = inPlaceOf(proposal);
        return [soon(toMembers({ kind: "propose", propose: said }), afterMs(said))];
      }
      const vote = ownVote(forger, message);
      return vote !== null && unsaid.has(toHex(vote.entryId)) ? [] : [soon(one)];
    });
}
