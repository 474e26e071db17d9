// Leases: those of the ledger, holding them, and what was used of them.
import { toHex } from "../../../src/base/index.js";
import {
  keptUsageView as keptUsageSchema,
  type LEASE_ROUTES,
  leaseView as leaseSchema,
} from "../../contract/index.js";
import { type Answers, actingAgent, agentNamed, bytesOf, feeOf, grant, wishFor } from "../answer.js";
import { asHistory, asList, pageOf } from "../paging.js";
import { latestLeases, leaseView, usageView } from "../views/lease.js";
import { subjectOf } from "./history.js";

export const LEASE_ANSWERS: Answers<typeof LEASE_ROUTES> = {
  async leases({ peer, query: { cursor = null, limit, auction = "", agent, capability = null }, serving }) {
    const { ledger } = peer.state;
    const filter = { auction, capability, agent: agent === undefined ? null : agentNamed(peer, agent) };
    const views = latestLeases(ledger, filter).map((one) => leaseView(ledger, one));
    const page = pageOf(views, { cursor, limit }, (one) => one.id);
    return asList("LeaseList", leaseSchema, page, (one) => one.id, serving.onUnshown);
  },

  holdLease: (ask) =>
    grant(ask, (peer) => {
      const { agent, owner, auction, until, deputies, fee } = ask.body;
      const from = actingAgent(peer, agent);
      const command = {
        kind: "hold",
        from,
        auction: bytesOf(auction),
        owner: owner === undefined ? from : bytesOf(owner),
        untilMs: Date.parse(until),
        deputies: deputies?.map(bytesOf) ?? null,
        ...feeOf(fee),
      } as const;
      return wishFor(peer, { action: "holdLease", agent: toHex(from), auction }, command);
    }),

  sayUsage: (ask) =>
    grant(ask, (peer) => {
      const { agent, owner, auction, used, lent, fee } = ask.body;
      const from = actingAgent(peer, agent);
      const command = {
        kind: "usage",
        from,
        auction: bytesOf(auction),
        owner: owner === undefined ? from : bytesOf(owner),
        used,
        lent,
        ...feeOf(fee),
      } as const;
      return wishFor(peer, { action: "sayUsage", agent: toHex(from), auction }, command);
    }),

  async usages({ peer, query: { cursor = null, limit, agent, capability }, serving }) {
    const party = agent === undefined ? undefined : toHex(agentNamed(peer, agent));
    const subject = subjectOf(party, capability);
    const { from, rows } = await peer.node.history("usage", { subject, before: cursor, limit: limit + 1 });
    const found = rows.map((one) => ({ place: one.place, view: usageView(one) }));
    return asHistory("UsageList", keptUsageSchema, { from, found, limit }, serving.onUnshown);
  },
};
