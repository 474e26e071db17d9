// mabeam/sdk: agents of one's own at a running daemon, and the client that they are made of.

export type { Memory, Situation, Strategy } from "../../src/market/strategies/index.js";
export * as strategies from "../../src/market/strategies/index.js";
export { Accident } from "../accident.js";
export { type Agent, createAgent } from "./agent/agent.js";
export type {
  AgentBudget,
  AgentOptions,
  DaemonPlace,
  Delivery,
  Done,
  Lot,
  Market,
  Progress,
  Receive,
  ReceiveOptions,
  Task,
  ValueOf,
  Work,
  Working,
  WorkOptions,
  Worth,
} from "./agent/definition.js";
export { type ApiAddress, ApiClient } from "./client.js";
export { ApiFailure } from "./failure.js";
export { follow } from "./follow.js";
