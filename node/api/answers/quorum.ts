// The quorum that orders what is done.
import { asDocument, logEntryView, memberView, type QUORUM_ROUTES } from "../../contract/index.js";
import { type Answers, grant, wishFor } from "../answer.js";
import { asList, wholePage } from "../paging.js";

export const QUORUM_ANSWERS: Answers<typeof QUORUM_ROUTES> = {
  quorum: async ({ peer }) => asDocument("Quorum", await peer.quorum()),

  overrideAmnesia: (ask) =>
    grant(ask, async (peer) => {
      const { force = false } = ask.body;
      return wishFor(peer, { action: "overrideAmnesia" }, { kind: "overrideAmnesia", force });
    }),

  async members({ peer, serving }) {
    const page = wholePage(await peer.members());
    return asList("MemberList", memberView, page, (one) => String(one.seat), serving.onUnshown);
  },

  async log({ peer, query: { cursor = null, limit }, serving }) {
    const page = await peer.log({ cursor, limit });
    return asList("LogEntryList", logEntryView, page, (one) => one.id, serving.onUnshown);
  },
};
