// The contract of the API: documents, requests, events, problems and routes. It stands on src/base and zod alone.
import { AGENT_ROUTES } from "./agent.js";
import { AUCTION_ROUTES } from "./auction.js";
import { BID_ROUTES } from "./bid.js";
import { BUDGET_ROUTES } from "./budget.js";
import { EVENT_ROUTES } from "./event.js";
import { GATEWAY_ROUTES } from "./gateway.js";
import { GATEWAY_AGENT_ROUTES } from "./gateway-agents.js";
import { HANDOVER_ROUTES } from "./handover.js";
import { HISTORY_ROUTES } from "./history.js";
import { LEASE_ROUTES } from "./lease.js";
import { NODE_ROUTES } from "./node.js";
import { QUORUM_ROUTES } from "./quorum.js";
import { SLASH_ROUTES } from "./slash.js";
import { TRADE_ROUTES } from "./trade.js";
import { WALLET_ROUTES } from "./wallet.js";

export * from "./agent.js";
export * from "./auction.js";
export * from "./bid.js";
export * from "./budget.js";
export * from "./document.js";
export * from "./event.js";
export * from "./gateway.js";
export * from "./gateway-agents.js";
export { type GatewayRequest, gatewayRequest } from "./gateway-request.js";
export * from "./handover.js";
export * from "./history.js";
export * from "./lease.js";
export * from "./node.js";
export * from "./problem.js";
export * from "./quorum.js";
export * from "./receipt.js";
export * from "./route.js";
export * from "./scalar.js";
export * from "./slash.js";
export * from "./trade.js";
export * from "./wallet.js";

/** Every route of the API by its name. */
export const ROUTES = {
  ...NODE_ROUTES,
  ...AGENT_ROUTES,
  ...AUCTION_ROUTES,
  ...BID_ROUTES,
  ...TRADE_ROUTES,
  ...LEASE_ROUTES,
  ...HANDOVER_ROUTES,
  ...WALLET_ROUTES,
  ...BUDGET_ROUTES,
  ...QUORUM_ROUTES,
  ...SLASH_ROUTES,
  ...HISTORY_ROUTES,
  ...EVENT_ROUTES,
  ...GATEWAY_ROUTES,
  ...GATEWAY_AGENT_ROUTES,
} as const;
export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;
