#!/usr/bin/env python3
"""Buys a picture of a scene, gives the scene to whoever won, takes the picture, and pays for it. Only the standard library.

buyer.py <data folder of a running daemon> <file for the picture> [pixels of a side, 2000 if not given]
"""
import json, os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "python"))
import mabeam

home, target, size = sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["2000"])[0])
scene = {"size": size, "depth": 40, "x": -0.5, "y": 0.0, "span": 3.0}
daemon = mabeam.Daemon(home=home)


def ask(method, path, body=None, once=None):
    """Through a daemon that may be away for a while."""
    while True:
        try:
            daemon.find()
            return daemon.ask(method, path, body, once)
        except (mabeam.Away, mabeam.Problem) as error:
            if not mabeam.passing(error):
                raise
            time.sleep(0.5)


def phase(auction):
    """None: the log has not come to it yet."""
    try:
        return ask("GET", f"/v1/auctions/{auction}")["phase"]
    except mabeam.Problem as error:
        if error.code != "AUCTION_UNKNOWN":
            raise


terms = {"direction": "buy", "reserve": "5000000", "lockups": ["5000000"], "commitMs": 3000, "revealMs": 2000}
lot = {"capability": "render.mandelbrot", "units": 1}
order = {"lot": lot, **terms, "deliverMs": 120_000, "settleMs": 60_000}
auction = ask("POST", "/v1/auctions", order, f"order-{os.getpid()}")["auction"]
print(f"asks who renders it for 5 credits at most: {auction[:10]}", flush=True)

trade, shown = None, None
while True:
    trades = ask("GET", f"/v1/trades?auction={auction}")["items"]
    if trade is None and trades:
        trade = trades[0]["id"]
        print(f"{trades[0]['performer'][:10]} renders it, for {int(trades[0]['price']) / 1e6:g} credits", flush=True)
        with daemon.open("POST", f"/v1/trades/{trade}/input", raw=json.dumps(scene).encode()) as answer:
            print(f"the scene is handed over: {json.load(answer)['size']} bytes", flush=True)
    if trade is not None and trades and trades[0]["state"] == "delivered":
        parts = ask("GET", f"/v1/trades/{trade}/handover")["parts"]
        part = next((one for one in parts if one["part"] == "output"), None)
        if part is not None and part["total"]:
            percent = 100 * part["received"] // part["total"]
            if percent != shown:
                print(f"the picture has come to {percent} %", flush=True)
                shown = percent
            if part["state"] == "here":
                break
    if trade is None and phase(auction) in ("unsold", "void"):
        sys.exit("nobody renders it")
    if trades and trades[0]["state"] == "refunded":
        sys.exit("it was not rendered, and the price has come back")
    time.sleep(0.02)

with daemon.open("GET", f"/v1/trades/{trade}/output") as answer:
    picture = answer.read()
if not picture.startswith(f"P6 {size} {size} 255\n".encode()) or len(picture) < 3 * size * size:
    sys.exit("that is no picture of the scene: `mabeam trade dispute` has it judged")
with open(target, "wb") as file:
    file.write(picture)
ask("POST", f"/v1/trades/{trade}/acceptances", {}, f"accept-{trade}")
while ask("GET", f"/v1/trades/{trade}")["state"] != "paid":
    time.sleep(0.2)
named = ask("GET", f"/v1/trades/{trade}")["delivered"]
print(f"{target}: {len(picture)} bytes, as the log names them ({named[:10]}); paid", flush=True)
