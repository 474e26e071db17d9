// The network of a peer: libp2p underneath, the rules of admission above.
export type { DirectNet, DirectStream } from "./direct.js";
export type { EclipseAlarm } from "./eclipse-watch.js";
export { fetchGenesis } from "./fetch-genesis.js";
export { type FetchedState, fetchState } from "./fetch-state.js";
export { isRunningAt } from "./is-running-at.js";
export { LOOPBACK_LIMITS, NETWORK_LIMITS, type NetworkLimits } from "./limits.js";
export { Network } from "./network.js";
export {
  type Acceptance,
  type AsyncVerifier,
  type GossipTap,
  type NetworkHandlers,
  type NetworkLog,
  type NetworkOptions,
  NetworkRefusal,
  type PeerView,
  type StateVerdict,
} from "./ports.js";
export { isLoopback } from "./reach.js";
