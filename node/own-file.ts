// Whose a file or folder is, and who besides this user may read or change it: by owner and mode, never by mode alone.
import type { Stats } from "node:fs";

export type Ownership = Pick<Stats, "uid" | "mode">;

const GROUP_AND_OTHERS = 0o077;
const WRITE_BY_OTHERS = 0o022;
const MOUNTED = 0o440;

/** The user of this process; null on Windows, where an access list of the profile guards the folder, and no mode. */
const thisUser = (): number | null => process.getuid?.() ?? null;

/** Why somebody else may read or change it; null: it is this user's, for its eyes only. */
export function openToOthers(found: Ownership, user = thisUser()): string | null {
  if (user === null) return null;
  if (found.uid !== user) return ownedBy(found.uid, user);
  return (found.mode & GROUP_AND_OTHERS) === 0 ? null : `its mode is ${modeText(found.mode)}`;
}

/** Why somebody else may change it; null: only this user can. */
export function changeableByOthers(found: Ownership, user = thisUser()): string | null {
  if (user === null) return null;
  if (found.uid !== user) return ownedBy(found.uid, user);
  return (found.mode & WRITE_BY_OTHERS) === 0 ? null : `its mode is ${modeText(found.mode)}`;
}

/** A secret as an orchestrator mounts it: the system's, read by its owner and one group, and changed by nobody. */
export const isMountedSecret = (found: Ownership): boolean =>
  found.uid === 0 && (found.mode & 0o777 & ~MOUNTED) === 0;

const ownedBy = (owner: number, user: number): string =>
  `it belongs to user ${owner}, and this is user ${user}`;

/** `0640` */
export const modeText = (mode: number): string => `0${(mode & 0o777).toString(8)}`;
