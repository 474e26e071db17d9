// Slashes: those that history tells of, and those from before it began that the ledger still has.
import { type Hex, toHex } from "../../../src/base/index.js";
import { asDocument, type SLASH_ROUTES, slashView as slashSchema } from "../../contract/index.js";
import { type HistoryPage, heightOf, type KeptRow } from "../../kept-history.js";
import { type Answers, agentNamed, SOME_IDS, startingWith, wholeId } from "../answer.js";
import type { HostedPeer } from "../hosted.js";
import { asHistory } from "../paging.js";
import { problem } from "../problem.js";
import {
  agentOfSlash,
  heightOfSlash,
  keptHere,
  type ShownSlash,
  slashDetail,
  slashesBelow,
  slashIdsIn,
  slashView,
  slashWithId,
} from "../views/slash.js";

export const SLASH_ANSWERS: Answers<typeof SLASH_ROUTES> = {
  async slashes({ peer, query: { cursor = null, limit, agent }, serving }) {
    const whose = agent === undefined ? null : toHex(agentNamed(peer, agent));
    const { from, rows } = await slashesOfPage(peer, whose, cursor, limit + 1);
    const found = rows.map(({ place, row }) => ({ place, view: slashView(peer.state, row) }));
    return asHistory("SlashList", slashSchema, { from, found, limit }, serving.onUnshown);
  },

  async slash({ peer, params: { id } }) {
    const { state, node } = peer;
    const slash = await slashNamed(peer, id);
    if (slash === null) throw problem("SLASH_UNKNOWN", `no slash's id begins with ${id}`);
    const height = heightOfSlash(slash);
    const [newest] = await node.readLogBelow(height + 1, 1);
    const entry = newest?.header.height === height ? newest : null;
    return asDocument("Slash", slashDetail(state, slash, entry));
  },
};

/**
 * Of seats, the ledger has all convictions from before history began here. Of trades, rows from before then are what is left
 * of a history with a gap.
 */
async function slashesOfPage(
  { node, state }: HostedPeer,
  agent: Hex | null,
  cursor: string | null,
  limit: number,
): Promise<HistoryPage<ShownSlash>> {
  const subject = agent === null ? null : (`agent/${agent}` as const);
  const kept: KeptRow<ShownSlash>[] = [];
  for (let before = cursor; ; ) {
    const { from, rows } = await node.history("slash", { subject, before, limit });
    for (const { place, row } of rows)
      if (row.kind === "trade" || heightOf(place) >= from) kept.push({ place, row: keptHere(row) });
    if (rows.length === limit && kept.length < limit) {
      before = rows.at(-1)!.place;
      continue;
    }
    const older = slashesBelow(state, from).filter(
      ({ place, row }) =>
        (cursor === null || place < cursor) && (agent === null || agentOfSlash(row) === agent),
    );
    const found = [...kept, ...older].sort((a, b) => (a.place < b.place ? 1 : -1));
    return { from, rows: found.slice(0, limit) };
  }
}

/** @throws Problem ID_AMBIGUOUS */
async function slashNamed({ node, state }: HostedPeer, id: string): Promise<ShownSlash | null> {
  const held = startingWith(slashIdsIn(state), id, SOME_IDS);
  const kept = await node.historySubjects("slash", `id/${id}`, SOME_IDS);
  const ids = new Set([...held, ...kept.map((one) => one.slice("id/".length))]);
  const whole = wholeId(id, [...ids]);
  if (whole === null) return null;
  const page = await node.history("slash", { subject: `id/${whole}`, before: null, limit: 1 });
  const row = page.rows[0]?.row;
  return row === undefined ? slashWithId(state, whole) : keptHere(row);
}
