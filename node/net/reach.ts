// Which addresses reach whom: a loopback address only this machine, and what to say when a dial fails.
import { messageOf } from "../accident.js";

const LOOPBACK = /^\/(ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/)/;

/** Whether a multiaddr names this very machine, whoever reads it. */
export const isLoopback = (address: { toString(): string }): boolean => LOOPBACK.test(address.toString());

/** The addresses that mean the same to both ends of a connection: loopback ones only within one machine. */
export const meantFor = (remoteAddress: string, addresses: readonly string[]): string[] =>
  isLoopback(remoteAddress) ? [...addresses] : addresses.filter((one) => !isLoopback(one));

/**
 * Why a dial failed, for people: what each attempt met, and what may be wrong with the address itself.
 * @param error what libp2p threw: of several attempts a list
 */
export function whyUnreached(address: string, error: unknown): string {
  const causes = error instanceof AggregateError ? error.errors.map(messageOf) : [messageOf(error)];
  const seen = [...new Set(causes)].join("; ");
  const hint = isLoopback(address) ? "; a loopback address reaches only daemons on this very machine" : "";
  return `${seen}${hint}`;
}
