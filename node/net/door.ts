// The door: whom this peer dials, and how many it lets in, before anything is spent on a connection (spec/network#V4).
import type { Counters } from "./counters.js";
import type { NetworkLimits } from "./limits.js";
import { isLoopback } from "./reach.js";
import { TokenBuckets } from "./token-bucket.js";

/** Beyond what all have, of each host where a member is expected: as often as a daemon that restarts is tried again. */
const EXPECTED_PER_SECOND = 0.5;
const EXPECTED_BURST = 4;

export interface DoorPort {
  readonly join: readonly string[];
  readonly loopback: boolean;
  readonly limits: Pick<NetworkLimits, "acceptsPerSecond" | "acceptsBurst">;
  readonly counters: Counters;
  readonly steadyMs: () => number;
}

/** The host of a multiaddr. */
const hostOf = (address: string): string => address.split("/")[2] ?? "";
/** An address as the dialer knows it, with or without the name of the peer at its end. */
const withoutPeer = (address: string): string => address.replace(/\/p2p\/[^/]+$/, "");

/**
 * One allowance for all who come, since a name is free and a handshake is not. Whom this peer dials itself it does not
 * bound; but where strangers crowd the doors of two members, neither's dial would get through to the other. So a host
 * where a seat was proved, or that the owner named, has a little beside it.
 */
export class Door {
  private readonly all: TokenBuckets;
  private readonly expected: TokenBuckets;
  /** by seat, the host from which it was proved last */
  private readonly seats = new Map<number, string>();
  private readonly named = new Set<string>();

  constructor(private readonly port: DoorPort) {
    const { acceptsPerSecond, acceptsBurst } = port.limits;
    const { steadyMs } = port;
    for (const address of port.join) this.name(address);
    this.all = new TokenBuckets(acceptsPerSecond, acceptsBurst, steadyMs);
    this.expected = new TokenBuckets(EXPECTED_PER_SECOND, EXPECTED_BURST, steadyMs);
  }

  /** The owner named an address: it is dialled also where hearsay of its kind is not. */
  name(address: string): void {
    this.named.add(withoutPeer(address));
  }

  mayDial(address: string): boolean {
    return !this.port.loopback || isLoopback(address) || this.named.has(withoutPeer(address));
  }

  /** A seat was proved on a connection with this address at its other end. */
  proved(seat: number, address: string): void {
    this.seats.set(seat, hostOf(address));
  }

  /** Asked once for each that comes: whether it is one too many now. */
  isCrowded(address: string): boolean {
    const host = hostOf(address);
    if (this.all.take("all") || (this.isExpected(host) && this.expected.take(host))) return false;
    this.port.counters.add("peers", "TOO_MANY_ARRIVALS");
    return true;
  }

  private isExpected(host: string): boolean {
    return [...this.seats.values()].includes(host) || [...this.named].some((one) => hostOf(one) === host);
  }
}
