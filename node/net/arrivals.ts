// Arrivals: how many connections of others are let in, before anything is spent on them (spec/network#V4).
import type { NetworkLimits } from "./limits.js";
import { TokenBuckets } from "./token-bucket.js";

/** Beyond what all have, of each host where a member is expected: as often as a daemon that restarts is tried again. */
const EXPECTED_PER_SECOND = 0.5;
const EXPECTED_BURST = 4;

/** The host of a multiaddr. */
const hostOf = (address: string): string => address.split("/")[2] ?? "";

/**
 * One allowance for all who come, since a name is free and a handshake is not. Whom this peer dials itself it does not
 * bound; but where strangers crowd the doors of two members, neither's dial would get through to the other. So a host
 * where a seat was proved, or that the owner named, has a little beside it.
 */
export class Arrivals {
  private readonly all: TokenBuckets;
  private readonly expected: TokenBuckets;
  /** by seat, the host from which it was proved last */
  private readonly seats = new Map<number, string>();

  /**
   * @param named addresses that the owner named
   * @param turnedAway told of each that is one too many
   */
  constructor(
    { acceptsPerSecond, acceptsBurst }: NetworkLimits,
    steadyMs: () => number,
    private readonly named: ReadonlySet<string>,
    private readonly turnedAway: () => void,
  ) {
    this.all = new TokenBuckets(acceptsPerSecond, acceptsBurst, steadyMs);
    this.expected = new TokenBuckets(EXPECTED_PER_SECOND, EXPECTED_BURST, steadyMs);
  }

  /** A seat was proved on a connection with this address at its other end. */
  proved(seat: number, address: string): void {
    this.seats.set(seat, hostOf(address));
  }

  /** Asked once for each that comes: whether it is one too many now. */
  isCrowded(address: string): boolean {
    const host = hostOf(address);
    if (this.all.take("all") || (this.isExpected(host) && this.expected.take(host))) return false;
    this.turnedAway();
    return true;
  }

  private isExpected(host: string): boolean {
    return [...this.seats.values()].includes(host) || [...this.named].some((one) => hostOf(one) === host);
  }
}
