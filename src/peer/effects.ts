// What one step will ask for, gathered while it runs.
import type { Bytes } from "../base/index.js";
import type { Notice, Outgoing, Ready, Write } from "./ready.js";

export class Effects {
  private readonly persist: Write[] = [];
  private readonly outgoing: Outgoing[] = [];
  private readonly notices: Notice[] = [];

  put(key: string, value: Bytes): void {
    this.persist.push({ kind: "put", key, value });
  }

  delete(key: string): void {
    this.persist.push({ kind: "delete", key });
  }

  write(write: Write): void {
    this.persist.push(write);
  }

  send(outgoing: Outgoing): void {
    this.outgoing.push(outgoing);
  }

  notify(notice: Notice): void {
    this.notices.push(notice);
  }

  ready(wakeAt: number | null): Ready {
    return { persist: this.persist, send: this.outgoing, wakeAt, notify: this.notices };
  }
}
