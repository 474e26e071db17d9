"""An agent of one's own at a running mabeam daemon: one file, the standard library, Python 3.9 or later.

    agent = mabeam.Agent("render-1", capabilities=["task.render"], per_auction=20_000_000)
    agent.value("task.render", lambda lot, market: lot["units"] * 2_000_000)
    agent.work("task.render", lambda task, progress: f"picture for {task['buyer']}")
    agent.run()

Amounts are micro-credits, whole numbers. What it has work for it asks for in purchases and delivers; anything else that it
values it buys in sales. The daemon holds its key, seals its bids and reveals them, whether the agent runs or not. It may crash
at any moment: started again it goes on where it was. `docs/spec/sdk.md` of mabeam has the rules, which mabeam/sdk follows too.
"""
import hashlib, http.client, json, os, re, stat, sys, threading, time, urllib.error, urllib.parse, urllib.request
from datetime import datetime, timedelta, timezone

MOST_ATTEMPTS = 3  # a task in whose middle the agent has ended so often is given up
LOOK_EVERY = 30  # seconds after which it looks at everything though nothing was heard
MOST_AMOUNT = 2**53 - 1
BROKEN = (OSError, ValueError, http.client.HTTPException)


class Problem(Exception):
    """What the daemon answered instead: `code` is stable, `fix` says what mends it."""

    def __init__(self, document):
        self.code, self.fix = document.get("code", "INTERNAL"), document.get("fix", "")
        self.status, self.retry = document.get("status", 500), bool(document.get("retryable"))
        super().__init__(f"{document.get('detail', document)}; {self.fix}")


class Away(Exception):
    """No daemon answers; it may come back."""


class Daemon:
    """The daemon of a folder, or one at an address. Found anew when it has started again: it has another token then."""

    def __init__(self, home=None, url=None, token=None):
        self.named, self.url, self.token, self.given = home or os.environ.get("MABEAM_HOME"), url, token, url is not None
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy ever hears the token

    def find(self):
        if self.given:
            return
        usual = os.path.join(os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "mabeam")
        places = [self.named] if self.named else [usual, ".mabeam/testnet", ".mabeam/dev"]
        for home in places:
            if os.path.exists(os.path.join(home, "api.json")):
                return self.read(home)
        raise Away(f"no daemon runs in {' or '.join(places)}: start one with `mabeam testnet up` or `mabeam daemon`")

    def read(self, home):
        with open(os.path.join(home, "api.json")) as file:
            api = json.load(file)
        own = api["peers"][0].get("apiFile")  # of a testnet whose peers are processes
        if own is not None:
            return self.read(os.path.dirname(own))
        if not self.named:  # a file of a folder that nobody named gives little authority
            folder = os.stat(home)
            host = urllib.parse.urlsplit(api["url"]).hostname
            inside = os.path.realpath(api["tokenFile"]).startswith(os.path.realpath(home) + os.sep)
            shared = os.name == "posix" and (folder.st_uid != os.getuid() or stat.S_IMODE(folder.st_mode) & 0o022)
            if shared or not inside or host not in ("127.0.0.1", "::1", "localhost"):
                raise PermissionError(f"{home} is not taken: name it with MABEAM_HOME if it is meant")
        with open(api["tokenFile"]) as file:
            self.url, self.token = api["url"], file.read().strip()

    def open(self, method, path, body=None, once=None, timeout=30, raw=None):
        kind = "application/json" if raw is None else "application/octet-stream"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        if once is not None:
            headers["Idempotency-Key"] = once  # asked again under one key, a wish is granted once
        data = raw if body is None else json.dumps(body).encode()
        try:
            return self.opener.open(urllib.request.Request(self.url + path, data, headers, method=method), timeout=timeout)
        except urllib.error.HTTPError as answer:
            try:
                document = json.load(answer)
            except ValueError:
                document = {"detail": f"{self.url} answered {answer.code}", "status": answer.code}
            raise Problem(document) from None
        except BROKEN as error:
            raise Away(f"{self.url}: {error}") from None

    def ask(self, method, path, body=None, once=None):
        try:
            with self.open(method, path, body, once) as answer:
                return json.load(answer)
        except BROKEN as error:
            raise Away(f"{self.url}: {error}") from None

    def pages(self, path):
        cursor = ""
        while cursor is not None:
            page = self.ask("GET", path + cursor)
            yield from page["items"]
            cursor = None if page["nextCursor"] is None else f"&cursor={page['nextCursor']}"

    def events(self, types, since):
        """(id, event or None) of a stream of server-sent events: one line of data each, and ids alone in between."""
        try:
            with self.open("GET", f"/v1/events?types={types}" + (f"&since={since}" if since else "")) as stream:
                yield None, None  # it stands
                at = data = None
                for line in stream:
                    name, _, value = line.decode().rstrip("\r\n").partition(": ")
                    if name == "id":
                        at = value
                    elif name == "data":
                        data = value
                    elif name == "" and at is not None:
                        yield at, None if data is None else json.loads(data)
                        at = data = None
        except BROKEN as error:
            raise Away(f"{self.url}: {error}") from None


def passing(error):
    """Whether this passes by itself: the daemon is away, starts anew, or has no time."""
    codes = ("TOKEN_WRONG", "CURSOR_GONE", "PEER_UNKNOWN", "NOT_READY")
    return isinstance(error, Away) or isinstance(error, Problem) and (error.code in codes or error.status in (503, 504))


class Agent:
    def __init__(self, name, capabilities, per_auction, per_period=None, daemon=None, folder=None, delay_ms=None, say=None):
        """per_auction: it bids no more for a lot. per_period: the daemon's own agent opens it a budget of so much."""
        self.name, self.capabilities = name, [one.lower() for one in capabilities]
        self.per_auction, self.per_period, self.delay_ms = whole(per_auction), per_period and whole(per_period), delay_ms
        self.daemon, self.folder = daemon or Daemon(), folder or os.path.join(".mabeam", "agents", name)
        self.say = say or (lambda line: print(line, file=sys.stderr, flush=True))
        self.values, self.works, self.needing, self.strategy = {}, {}, set(), truthful
        self.seen, self.said, self.prices, self.lock = set(), set(), {}, threading.RLock()
        self.id, self.current, self.ending, self.wake = None, None, threading.Event(), threading.Event()

    def value(self, capability, of):
        """of(lot, market): what a lot is worth for all its units, in micro-credits; 0: no bid."""
        self.values[self.known(capability)] = of

    def bid(self, strategy):
        """strategy(value, lot, market, most): the amount to bid, of one unit where the lot goes by units. Absent: truthful."""
        self.strategy = strategy

    def work(self, capability, work, needs_input=False):
        """work(task, progress): a text, bytes, or anything that is JSON. What it raises fails the task, and nothing else.
        needs_input: it begins once the buyer's input is here; else with what is here, or is coming already."""
        self.works[self.known(capability)] = work
        (self.needing.add if needs_input else self.needing.discard)(capability.lower())

    def known(self, capability):
        if capability.lower() not in self.capabilities:
            raise ValueError(f"{capability} is not among the agent's capabilities")
        return capability.lower()

    def stop(self):
        self.ending.set()

    def run(self):
        """Acts until stop() or an interrupt. It comes back to a daemon that was away."""
        failures = 0
        try:
            while not self.ending.is_set():
                try:
                    self.connect()
                    failures = 0
                except (Away, Problem) as error:
                    if self.id is None or not passing(error):
                        raise
                    if isinstance(error, Problem) and error.code == "CURSOR_GONE":
                        self.note(since=None)
                    if failures == 0:
                        self.say(f"the daemon is away, and is tried again: {error}")
                    failures += 1
                    self.ending.wait(min(10, 0.5 * 2**failures))
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()
            with self.lock:
                if self.current is not None and self.notes["begun"].get(self.current):
                    self.notes["begun"][self.current] -= 1  # it did not end by a crash
                    self.note()

    def connect(self):
        self.daemon.find()
        chain = self.daemon.ask("GET", "/v1/node")["chain"]
        agent = self.daemon.ask("POST", "/v1/agents", {"name": self.name})["agent"]
        if agent != self.id:
            self.provide(agent)
            self.id = agent
            self.notes = self.read_notes(chain)
            self.say(f"{self.name} is {agent}")
            threading.Thread(target=self.work_on, args=(agent,), daemon=True).start()
        self.said.clear()
        looked = 0.0
        for at, event in self.daemon.events("auction.*,trade.*", self.notes["since"]):
            if self.ending.is_set():
                return
            if at is None or time.monotonic() - looked > LOOK_EVERY or event and event["type"] == "stream.gap":
                looked = time.monotonic()
                self.catch_up()
            if event is not None:
                self.guard(self.hear, event)
            if at is not None:
                self.note(since=at)

    def guard(self, what, *given):
        try:
            what(*given)
        except Exception as error:  # what one look could not do another can
            if not passing(error):
                self.say(f"something went wrong: {error}")

    def hear(self, event):
        kind = event["type"]
        if kind == "auction.opened":
            self.consider({**event, "id": event["auction"]})
        elif kind == "auction.settled":
            self.learn(event["auction"])
        elif kind == "trade.began" and event["performer"] == self.id:
            self.wake.set()
        elif kind in ("trade.delivered", "trade.paid", "trade.refunded", "trade.split") and event["performer"] == self.id:
            with self.lock:
                self.notes["begun"].pop(event["trade"], None)
                self.said.discard(event["trade"])

    def catch_up(self):
        def look():
            self.wake.set()
            for one in self.daemon.pages("/v1/bids?limit=200"):
                if one["bidder"] == self.id and one["state"] != "failed":
                    self.seen.add(one["auction"])
            for auction in list(self.notes["bids"]):
                self.learn(auction)
            for phase in ("open", "scheduled"):
                for one in self.daemon.pages(f"/v1/auctions?limit=200&phase={phase}"):
                    self.consider(one)

        self.guard(look)

    # Bidding.

    def concerns(self, lot):
        capability = lot["lot"]["capability"]
        wanted = "buy" if capability in self.works else "sell"
        return capability in self.values and lot["direction"] == wanted and lot["creator"] != self.id

    def consider(self, seen):
        """Bids for a lot, or says why not. Once."""
        if seen["id"] in self.seen or not self.concerns(seen):
            return
        lot = {**seen, **seen["lot"], "reserve": int(seen["reserve"]), "lockups": [int(one) for one in seen["lockups"]]}
        name = f"{lot['id'][:10]} {lot['capability']}:"
        decided = self.decide(lot, self.market(lot))
        if isinstance(decided, str):
            self.seen.add(lot["id"])
            return self.say(f"{name} no bid: {decided}")
        amount, units = decided
        with self.lock:
            self.notes["bids"][lot["id"]] = lot["capability"]
            self.note()
        body = {"agent": self.id, "auction": lot["id"], "amount": str(amount), "units": units}
        body.update({} if self.delay_ms is None else {"delayMs": self.delay_ms})
        try:
            self.daemon.ask("POST", "/v1/bids", body, f"bid-{self.id[:16]}-{lot['id']}")
        except Problem as error:
            if passing(error):
                raise
            if error.code != "IDEMPOTENCY_KEY_REUSED":  # then it has a bid there already
                self.seen.add(lot["id"])
                with self.lock:
                    self.notes["bids"].pop(lot["id"], None)
                return self.say(f"{name} no bid: {error}")
        self.seen.add(lot["id"])
        self.say(f"{name} bid {credits(amount)} credits" + ("" if units is None else f" for each of {units}"))

    def market(self, lot):
        capability = lot["capability"]
        if capability not in self.prices:
            path = f"/v1/history/prices?limit=32&capability={urllib.parse.quote(capability)}"
            self.prices[capability] = self.daemon.ask("GET", path)["items"]
        alike = [p for p in self.prices[capability] if p["direction"] == lot["direction"] and p["format"] == lot["format"]]
        scaled = lambda p: int(p["price"]) if by_units(lot) or not p["units"] else int(p["price"]) * lot["units"] // p["units"]
        lockable = int(self.daemon.ask("GET", f"/v1/wallet?agent={self.id}")["lockable"])
        rivals = 1 if not alike else max(0, round(sum(p["bids"] for p in alike) / len(alike)) - 1)
        return {"prices": [scaled(p) for p in reversed(alike)], "rivals": rivals, "lockable": lockable}

    def decide(self, lot, market):
        """(amount, units), or in words why there is no bid."""
        try:
            value = self.values[lot["capability"]](lot, market)
        except Exception as error:
            return f"its value function raised {error!r}"
        if type(value) is not int or value < 0 or value > MOST_AMOUNT:
            return f"its value function is wrong: it is {value!r}, and a value is a whole number of micro-credits"
        if value == 0:
            return "it is worth nothing to this agent"
        sale = lot["direction"] == "sell"
        if sale and value > self.per_auction:
            return f"its value function is wrong: {value} is above the budget of {self.per_auction} for an auction"
        units = lot["units"] if by_units(lot) else None
        payable = [one for one in lot["lockups"] if one <= market["lockable"]]
        if sale and not payable:
            return f"a bid locks {lot['lockups'][0]} at least, and {market['lockable']} can be locked"
        most = min([self.per_auction, *payable[-1:]]) // (units or 1)
        each = value // (units or 1) if sale else -(-value // (units or 1))
        try:
            amount = self.strategy(each, lot, market, most)
        except Exception as error:
            return f"the strategy raised {error!r}"
        if type(amount) is not int or sale and amount > most or not sale and amount < each:
            return f"the strategy answered {amount!r}, which is beyond what may be bid"
        if amount <= 0 or (amount < lot["reserve"] if sale else amount > lot["reserve"]):
            return f"{amount} is beyond the reserve of {lot['reserve']}"
        return amount, units

    def learn(self, auction):
        if auction not in self.notes["bids"]:
            return
        try:
            one = self.daemon.ask("GET", f"/v1/auctions/{auction}")
        except Problem as error:
            if error.code != "AUCTION_UNKNOWN":
                raise
            one = {"outcome": {"awards": []}}
        if one["outcome"] is None and one.get("phase") != "cancelled":
            return
        with self.lock:
            self.prices.pop(self.notes["bids"].pop(auction), None)
            self.note()
        own = [a for a in (one["outcome"] or {"awards": []})["awards"] if a["bidder"] == self.id]
        if not own:
            return self.say(f"{auction[:10]} lost")
        way = "pays" if own[0]["pays"] != "0" else "receives"
        self.say(f"{auction[:10]} won: {way} {credits(own[0][way])} credits")

    # Working.

    def work_on(self, agent):
        """Its own thread: one task at a time. Work that does not end in its time is left behind."""
        while not self.ending.is_set() and self.id == agent:
            self.wake.wait()
            self.wake.clear()
            self.guard(self.perform_due)

    def perform_due(self):
        path = f"/v1/trades?limit=200&agent={self.id}&role=performer&state=due"
        for trade in list(self.daemon.pages(path)):
            if trade["id"] in self.said or trade["capability"] not in self.works or self.ending.is_set():
                continue
            self.guard(self.perform, trade)

    def perform(self, trade):
        name, kept = f"{trade['id'][:10]} {trade['capability']}:", os.path.join(self.folder, f"{trade['id']}.out")
        if not os.path.exists(kept):
            before = self.notes["begun"].get(trade["id"], 0)
            if before is None or before >= MOST_ATTEMPTS:
                return self.give_up(trade, name, f"the agent has ended {before or 'some'} times while it worked on it")
            with self.lock:
                self.notes["begun"][trade["id"]] = before + 1
                self.note()
            self.current = trade["id"]
            output = self.worked(trade, name, before + 1)
            self.current = None
            if isinstance(output, str):
                return self.give_up(trade, name, output)
            write(kept, output)
        with open(kept, "rb") as file:
            digest = self.hand_over(trade, file.read())
        self.tell(trade, "deliveries", {"agent": self.id, "hash": digest}, f"deliver-{trade['id']}")
        self.said.add(trade["id"])
        self.say(f"{name} delivered {digest[:10]}")

    def worked(self, trade, name, attempt):
        """The output's bytes, or in words why there are none."""
        left = (moment(trade["deadline"]) - datetime.now(timezone.utc)).total_seconds()
        left -= min(5, max(0.5, left * 0.1))  # the delivery has to come into the log in time
        if left <= 0:
            return "too little time was left for it"
        task = {key: trade[key] for key in ("id", "auction", "capability", "units", "fence", "buyer")}
        task.update(price=int(trade["price"]), deliverBy=trade["deadline"], attempt=attempt)
        task["cancelled"] = threading.Event()
        ended = []

        def progress(how):
            if not task["cancelled"].is_set() and (isinstance(how, str) or type(how) in (int, float) and 0 <= how <= 1):
                self.say(f"{name} {how if isinstance(how, str) else f'{how:.0%}'}")

        def do():
            try:
                task["input"] = self.input_of(trade, task["cancelled"])
                if not task["cancelled"].is_set():
                    ended.append(bytes_of(self.works[trade["capability"]](task, progress)))
            except BaseException as error:
                ended.append(f"its work raised {error!r}")

        self.say(f"{name} works on it" + (f", for the {attempt}. time" if attempt > 1 else ""))
        thread = threading.Thread(target=do, daemon=True)
        thread.start()
        thread.join(left)
        task["cancelled"].set()
        return ended[0] if ended else "the time for it is over"

    def input_of(self, trade, cancelled):
        """What the buyer has handed over, through the daemon; None: nothing."""
        while not cancelled.is_set():
            try:
                part = self.part(trade, "input")
                if part is not None and part["state"] == "here":
                    with self.daemon.open("GET", f"/v1/trades/{trade['id']}/input") as answer:
                        return answer.read()
                if trade["capability"] not in self.needing and (part is None or part["hash"] is None):
                    return None
            except (Away, Problem) as error:
                if not passing(error):
                    raise
            cancelled.wait(0.25)

    def part(self, trade, which):
        parts = self.daemon.ask("GET", f"/v1/trades/{trade['id']}/handover")["parts"]
        return next((one for one in parts if one["part"] == which), None)

    def hand_over(self, trade, output):
        """Gives what was made to the daemon, which carries it to the buyer: what `deliver` says of it."""
        try:
            with self.daemon.open("POST", f"/v1/trades/{trade['id']}/output", raw=output) as answer:
                return json.load(answer)["hash"]
        except Problem as error:
            if error.code == "NOT_A_PARTY":
                return hashlib.sha256(output).hexdigest()
            if error.code not in ("GOODS_GIVEN", "GOODS_CLOSED"):  # what was given then is what it says
                raise
            return self.part(trade, "output")["hash"]
        except BROKEN as error:
            raise Away(str(error)) from None

    def give_up(self, trade, name, why):
        with self.lock:
            self.notes["begun"][trade["id"]] = None
            self.note()
        self.tell(trade, "failures", {"agent": self.id}, f"fail-{trade['id']}")
        self.said.add(trade["id"])
        self.say(f"{name} given up: {why}")

    def tell(self, trade, what, body, once):
        try:
            self.daemon.ask("POST", f"/v1/trades/{trade['id']}/{what}", body, once)
        except Problem as error:
            if error.code not in ("IDEMPOTENCY_KEY_REUSED", "TRADE_NOT_DUE", "TRADE_ENDED"):  # said already
                raise

    # What it needs after a crash, in the same file as mabeam/sdk.

    def read_notes(self, chain):
        fresh = {"v": 1, "chain": chain, "agent": self.id, "since": None, "memories": {}, "bids": {}, "begun": {}}
        try:
            with open(os.path.join(self.folder, "notes.json")) as file:
                notes = json.load(file)
            if notes.keys() == fresh.keys() and all(notes[key] == fresh[key] for key in ("v", "chain", "agent")):
                return notes
            self.say("the notes are of another network or agent: begun anew")
        except FileNotFoundError:
            pass
        except ValueError as error:
            self.say(f"the notes could not be read, and are begun anew: {error}")
        return fresh

    def note(self, **changes):
        with self.lock:
            self.notes.update(changes)
            write(os.path.join(self.folder, "notes.json"), json.dumps(self.notes).encode(), durable=False)

    def provide(self, agent):
        """Until it has an account: of a testnet's faucet, or by a budget of the daemon's own agent."""
        until = time.monotonic() + (4 if self.per_period else 20)
        while not self.daemon.ask("POST", "/v1/agents", {"name": self.name})["hasAccount"]:
            if time.monotonic() > until:
                break
            time.sleep(0.1)
        else:
            if not self.per_period:
                return
        if not self.per_period:
            raise Problem({"code": "NO_ACCOUNT", "detail": f"the agent {agent} has no account", "fix": "give it per_period"})
        budgets = self.daemon.ask("GET", f"/v1/budgets?agent={agent}")["items"]
        terms = {"perAuction": str(self.per_auction), "perPeriod": str(self.per_period)}
        for one in budgets:
            same = one["perAuction"] == terms["perAuction"] and one["perPeriod"]["most"] == terms["perPeriod"]
            if one["child"] == agent and one["standing"] == "live" and same:
                return
        until = datetime.now(timezone.utc) + timedelta(days=7)
        body = {"child": agent, **terms, "until": until.strftime("%Y-%m-%dT%H:%M:%SZ")}
        self.daemon.ask("POST", "/v1/budgets", body)
        while not self.daemon.ask("POST", "/v1/agents", {"name": self.name})["hasAccount"]:
            time.sleep(0.1)


def truthful(value, lot, market, most):
    """Its value, where another's bid is the price; elsewhere it gains nothing by it."""
    return min(value, most) if lot["direction"] == "sell" else value


def credits(amount):
    whole, part = divmod(int(amount), 1_000_000)
    return f"{whole}.{part:06}".rstrip("0").rstrip(".")


def by_units(lot):
    return lot["format"] == "uniform"


def whole(amount):
    if type(amount) is not int or not 0 < amount <= MOST_AMOUNT:
        raise ValueError(f"a budget is a whole number of micro-credits above 0, not {amount!r}")
    return amount


def moment(text):
    return datetime.fromisoformat(re.sub(r"Z$", "+00:00", text))


def bytes_of(output):
    if output is None:
        raise TypeError("it returned nothing")
    return output if isinstance(output, bytes) else (output if isinstance(output, str) else json.dumps(output)).encode()


def write(path, content, durable=True):
    """Whole or not at all: beside it first."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    os.replace(path + ".new", path)
