// Slashes, each with its evidence.
import { asDocument, type SLASH_ROUTES, slashView } from "../../contract/index.js";
import { type Answers, SOME_IDS, startingWith, wholeId } from "../answer.js";
import { asList, pageOf } from "../paging.js";
import { problem } from "../problem.js";
import { slashDetail, slashViews, slashWithId } from "../views/slash.js";

export const SLASH_ANSWERS: Answers<typeof SLASH_ROUTES> = {
  async slashes({ peer, query: { cursor = null, limit }, serving }) {
    const page = pageOf(slashViews(peer.state), { cursor, limit }, (one) => one.id);
    return asList("SlashList", slashView, page, (one) => one.id, serving.onUnshown);
  },

  async slash({ peer: { state, node }, params: { id } }) {
    const ids = slashViews(state).map((one) => one.id);
    const whole = wholeId(id, startingWith(ids, id, SOME_IDS));
    const slash = whole === null ? null : slashWithId(state, whole);
    if (slash === null) throw problem("SLASH_UNKNOWN", `no slash's id begins with ${id}`);
    const [newest] = await node.readLogBelow(slash.height + 1, 1);
    const entry = newest?.header.height === slash.height ? newest : null;
    return asDocument("Slash", slashDetail(state, slash, entry));
  },
};
