// `agent list`, `agent add`: the agents in a daemon's custody.
import type { AgentView } from "../../contract/index.js";
import type { Session } from "../session.js";
import { creditsOf, short, table } from "../show.js";

export async function list(session: Session): Promise<void> {
  const page = await session.client.ask("agents", {}, "could not see the agents");
  session.show(page, () =>
    table(session.terminal, ["NAME", "CREDITS", "ID"], page.items.map(rowOf), "The daemon holds no agent."),
  );
}

const rowOf = ({ name, isDefault, hasAccount, free, agent }: AgentView): readonly string[] => [
  `${name ?? "–"}${isDefault ? " (default)" : ""}`,
  hasAccount ? creditsOf(free) : "no account",
  agent,
];

export async function add(session: Session, _options: unknown, name: string): Promise<void> {
  const one = await session.client.ask("addAgent", { body: { name } }, `could not add the agent ${name}`);
  session.show(one, () => {
    session.terminal.out(one.agent);
    if (one.hasAccount) return;
    session.terminal.err(
      `${short(one.agent)} has no account yet: a testnet's faucet grants it one, elsewhere give it a budget with \`mabeam budget open ${one.agent}\``,
    );
  });
}
