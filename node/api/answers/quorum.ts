// The quorum that orders what is done.
import {
  asDocument,
  type LogEntryView,
  logEntryView,
  memberView,
  type QUORUM_ROUTES,
} from "../../contract/index.js";
import { type Answers, grant, wishFor } from "../answer.js";
import type { HostedPeer } from "../hosted.js";
import { asList, type Page, type PageRequest, wholePage } from "../paging.js";
import { problem } from "../problem.js";
import { memberViews, quorumView, logEntryView as viewOfEntry } from "../views/ledger.js";

export const QUORUM_ANSWERS: Answers<typeof QUORUM_ROUTES> = {
  quorum: async ({ peer }) => asDocument("Quorum", quorumView(peer.state)),

  overrideAmnesia: (ask) =>
    grant(ask, (peer) => {
      const { force = false } = ask.body;
      return wishFor(peer, { action: "overrideAmnesia" }, { kind: "overrideAmnesia", force });
    }),

  async members({ peer, serving }) {
    const page = wholePage(memberViews(peer.state));
    return asList("MemberList", memberView, page, (one) => String(one.seat), serving.onUnshown);
  },

  async log({ peer, query: { cursor = null, limit }, serving }) {
    const page = await entriesOf(peer, { cursor, limit });
    return asList("LogEntryList", logEntryView, page, (one) => one.id, serving.onUnshown);
  },
};

async function entriesOf(
  { node, state }: HostedPeer,
  { cursor, limit }: PageRequest,
): Promise<Page<LogEntryView>> {
  const next = state.tip.height + 1;
  const end = cursor === null ? next : Number(cursor);
  if (end > next) throw problem("CURSOR_GONE", `no entry of height ${end} is held`);
  const { from } = state.kept;
  if (end <= from && from > 1) throw problem("LOG_PRUNED", `the log is kept here from height ${from} on`);
  // Below that height single entries may be left, with gaps between them.
  const newest = await node.readLogBelow(end, Math.min(limit, end - from));
  const items = newest.filter(({ header }) => header.height >= from).map(viewOfEntry);
  const oldest = items.at(-1)?.height ?? 1;
  return { items, nextCursor: oldest > 1 ? String(oldest) : null };
}
