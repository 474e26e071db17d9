// Named agents of a gateway, as the API shows them.
import { type GatewayNamedAgent, timeOf } from "../../contract/index.js";
import type { ShownAgent } from "../../gateway/agents-desk.js";

export function namedAgentView({ agent, bounds, inLedger }: ShownAgent): GatewayNamedAgent {
  const { name, key, weight, band, parent, ledgerAgent } = agent;
  const { perDay, total, untilMs, perWeek, perMonth, perSession } = agent.limits;
  return {
    ...{ name, weight, band, parent, ledgerAgent, inLedger },
    keyBegins: key?.begins ?? null,
    limits: {
      perDay: amountOf(perDay),
      total: amountOf(total),
      until: untilMs === null ? null : timeOf(untilMs),
      perWeek: amountOf(perWeek),
      perMonth: amountOf(perMonth),
      perSession: amountOf(perSession),
    },
    spending: bounds.map(({ window, most, used, setAside, resetsMs }) => ({
      window,
      most: String(most),
      used: String(used),
      setAside: String(setAside),
      resets: resetsMs === null ? null : timeOf(resetsMs),
    })),
  };
}

const amountOf = (value: bigint | null): string | null => (value === null ? null : value.toString());
