// Slashes, each with its evidence: those that history tells of, and those from before it began that the ledger still has.
import type { Hex } from "../../../src/base/index.js";
import { toHex } from "../../../src/base/index.js";
import { type Slash, slashesOf, slashIdOf } from "../../../src/market/index.js";
import { asDocument, type SLASH_ROUTES, slashView as slashSchema } from "../../contract/index.js";
import { type HistoryPage, heightOf } from "../../kept-history.js";
import { type Answers, SOME_IDS, startingWith, wholeId } from "../answer.js";
import type { HostedPeer } from "../hosted.js";
import { asHistory } from "../paging.js";
import { problem } from "../problem.js";
import { slashDetail, slashesBelow, slashView, slashWithId } from "../views/slash.js";

export const SLASH_ANSWERS: Answers<typeof SLASH_ROUTES> = {
  async slashes({ peer, query: { cursor = null, limit, agent = null }, serving }) {
    const { from, rows } = await slashesOfPage(peer, agent, cursor, limit + 1);
    const found = rows.map(({ place, row }) => ({ place, view: slashView(peer.state, row) }));
    return asHistory("SlashList", slashSchema, { from, found, limit }, serving.onUnshown);
  },

  async slash({ peer, params: { id } }) {
    const { state, node } = peer;
    const slash = await slashNamed(peer, id);
    if (slash === null) throw problem("SLASH_UNKNOWN", `no slash's id begins with ${id}`);
    const [newest] = await node.readLogBelow(slash.height + 1, 1);
    const entry = newest?.header.height === slash.height ? newest : null;
    return asDocument("Slash", slashDetail(state, slash, entry));
  },
};

/** Of what happened before history began here, the ledger has its rows: all of them are older. */
async function slashesOfPage(
  { node, state }: HostedPeer,
  agent: Hex | null,
  before: string | null,
  limit: number,
): Promise<HistoryPage<Slash>> {
  const subject = agent === null ? null : (`agent/${agent}` as const);
  const { from, rows } = await node.history("slash", { subject, before, limit });
  const kept = rows.filter(({ place }) => heightOf(place) >= from);
  const older = slashesBelow(state, from).filter(
    ({ place, row }) => (before === null || place < before) && (agent === null || toHex(row.agent) === agent),
  );
  return { from, rows: [...kept, ...older].slice(0, limit) };
}

/** @throws Problem ID_AMBIGUOUS */
async function slashNamed({ node, state }: HostedPeer, id: string): Promise<Slash | null> {
  const held = slashesOf(state.ledger).map((one) => toHex(slashIdOf(one)));
  const kept = await node.historySubjects("slash", `id/${id}`, SOME_IDS);
  const ids = new Set([...startingWith(held, id, SOME_IDS), ...kept.map((one) => one.slice("id/".length))]);
  const whole = wholeId(id, [...ids]);
  if (whole === null) return null;
  const page = await node.history("slash", { subject: `id/${whole}`, before: null, limit: 1 });
  return page.rows[0]?.row ?? slashWithId(state, whole);
}
