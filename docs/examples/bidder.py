#!/usr/bin/env python3
"""Bids on auctions of one capability, and says what became of each bid.

bidder.py <data folder of a running daemon> <capability> <credits> [how many auctions, 1 if not given]
"""
import json, sys, urllib.error, urllib.request

home, capability, amount, count = sys.argv[1], sys.argv[2].lower(), sys.argv[3], int((sys.argv[4:] or ["1"])[0])
limit = round(float(amount) * 1_000_000)  # the API's amounts are strings of micro-credits
api = json.load(open(f"{home}/api.json"))
token = open(api["tokenFile"]).read().strip()


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return urllib.request.urlopen(urllib.request.Request(api["url"] + path, data, headers, method=method))


me = json.load(call("GET", "/v1/wallet"))["agent"]
bids = {}  # auction -> what was bid
stream = call("GET", "/v1/events?types=auction.*")
print("bidding as", me[:10], flush=True)
for line in stream:  # one event in each `data:` line
    if not line.startswith(b"data: "):
        continue
    event = json.loads(line[6:])
    auction = event.get("auction")
    if event["type"] == "auction.opened" and event["lot"]["capability"] == capability and len(bids) < count:
        bid = min(limit, int(event["lockups"][-1]))  # no bid is above the highest lockup
        if event["direction"] != "sell" or bid < int(event["reserve"]) or event["creator"] == me:
            continue
        try:
            receipt = json.load(call("POST", "/v1/bids", {"auction": auction, "amount": str(bid), "delayMs": 0}))
            bids[auction] = bid
            print(f"{auction[:10]} bid {bid / 1e6}, sealed as {str(receipt['commitment'])[:10]}", flush=True)
        except urllib.error.HTTPError as refused:  # a refusal says why, and what helps
            problem = json.load(refused)
            print(f"{auction[:10]} {problem['detail']}; {problem['fix']}", flush=True)
    elif event["type"] == "auction.settled" and auction in bids:
        paid = [int(award["pays"]) for award in event["awards"] if award["bidder"] == me]
        print(f"{auction[:10]} {'won for ' + str(paid[0] / 1e6) if paid else 'lost'}", flush=True)
        count, _ = count - 1, bids.pop(auction)
        if count == 0:
            break
