// The named agents of this daemon's gateway: listed, named, changed, removed.
import type { Result } from "../../../src/base/index.js";
import {
  asDocument,
  type GATEWAY_AGENT_ROUTES,
  type GatewayAgentChange,
  gatewayNamedAgent,
} from "../../contract/index.js";
import { PROBLEMS } from "../../contract/problem.js";
import { NO_SPENDING_LIMITS, type SpendingLimits } from "../../gateway/named/named-agent.js";
import type { NamedFault } from "../../gateway/named/named-fault.js";
import type { Answers } from "../answer.js";
import { asList, wholePage } from "../paging.js";
import { problem } from "../problem.js";
import { namedAgentView } from "../views/gateway-agents.js";
import { gatewayOf } from "./gateway.js";

export const GATEWAY_AGENT_ANSWERS: Answers<typeof GATEWAY_AGENT_ROUTES> = {
  async gatewayAgents({ peer, serving }) {
    const page = wholePage(gatewayOf(peer).desk.list().map(namedAgentView));
    return asList("GatewayNamedAgentList", gatewayNamedAgent, page, (one) => one.name, serving.onUnshown);
  },

  async addGatewayAgent({ peer, body: { name, ...change } }) {
    const { weight = 1, band = "normal", parent = null } = change;
    const limits = { ...NO_SPENDING_LIMITS, ...limitsIn(change) };
    const { key, warnings, ...shown } = taken(
      await gatewayOf(peer).desk.add(name, { weight, band, parent, limits }),
    );
    return asDocument("GatewayAgentKey", { ...namedAgentView(shown), warnings: [...warnings], key });
  },

  async setGatewayAgent({ peer, params: { name }, body }) {
    const { weight, band, parent } = body;
    const { warnings, ...shown } = taken(
      await gatewayOf(peer).desk.set(name, { weight, band, parent, limits: limitsIn(body) }),
    );
    return asDocument("GatewayNamedAgent", { ...namedAgentView(shown), warnings: [...warnings] });
  },

  async renewGatewayAgentKey({ peer, params: { name } }) {
    const { key, warnings, ...shown } = taken(await gatewayOf(peer).desk.renew(name));
    return asDocument("GatewayAgentKey", { ...namedAgentView(shown), warnings: [...warnings], key });
  },

  async removeGatewayAgent({ peer, params: { name } }) {
    const { warnings, ...shown } = taken(await gatewayOf(peer).desk.remove(name));
    return asDocument("GatewayNamedAgent", { ...namedAgentView(shown), warnings: [...warnings] });
  },
};

/** @throws Problem for what the gateway does not take */
function taken<T>(result: Result<T, NamedFault>): T {
  if (result.ok) return result.value;
  const { code, detail } = result.error;
  const words = Object.entries(detail).map(([key, value]) => `${key} ${value}`);
  throw problem(code, `${PROBLEMS[code].title}: ${words.join(", ")}`);
}

/** Those that are named alone. */
function limitsIn(change: GatewayAgentChange): Partial<SpendingLimits> {
  const { perDay, total, until, perWeek, perMonth, perSession } = change;
  const amounts = { perDay, total, perWeek, perMonth, perSession };
  const given = Object.entries(amounts).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given.map(([key, value]) => [key, value === null ? null : BigInt(value!)])),
    ...(until === undefined ? {} : { untilMs: until === null ? null : Date.parse(until) }),
  };
}
