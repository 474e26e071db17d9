"""What python/mabeam.py does by itself, without a daemon. Run by python.test.ts; says `ok` at the end."""
import json, os, sys, tempfile, threading, time
from datetime import datetime, timedelta, timezone

sys.path.insert(0, sys.argv[1])
import mabeam


def lot(**given):
    one = {"id": "0" * 64, "capability": "x", "units": 4, "direction": "sell", "format": "vickrey", "reserve": 10, "lockups": [50, 100]}
    return {**one, **given}


said = []
agent = mabeam.Agent("a", ["X"], per_auction=80, folder=tempfile.mkdtemp(), say=said.append)
market = {"prices": [], "rivals": 1, "lockable": 1000}


def decided(worth, of=None, strategy=None, **given):
    agent.value("x", worth if callable(worth) else lambda lot, market: worth)
    agent.bid(strategy or mabeam.truthful)
    return agent.decide(of or lot(), {**market, **given})


# A value is a whole number from 0 to the budget.
assert decided(70) == (70, None)
assert decided(80) == (80, None)
assert "above the budget of 80" in decided(81)
assert "worth nothing" in decided(0)
for nonsense in (-1, 1.5, float("nan"), True, "5", None, [], 2**53):
    assert "value function is wrong" in decided(nonsense), nonsense
assert "raised ZeroDivisionError" in decided(lambda lot, market: 1 // 0)

# Within the greatest lockup that can be locked, and not beyond the reserve.
assert decided(70, lockable=99) == (50, None)
assert "locks 50 at least" in decided(70, lockable=49)
assert decided(10) == (10, None)
assert "beyond the reserve" in decided(9)

# By units: a value rounded down, a cost up.
assert decided(41, lot(format="uniform", reserve=0)) == (10, 4)
assert decided(41, lot(format="uniform", direction="buy", reserve=11)) == (11, 4)
assert "beyond the reserve" in decided(41, lot(format="uniform", direction="buy", reserve=10))

# A strategy is not believed either.
for rogue in (81, 1.0, None):
    assert "beyond what may be bid" in decided(70, strategy=lambda *_: rogue), rogue
assert "raised ZeroDivisionError" in decided(70, strategy=lambda *_: 1 // 0)

for bad in (0, -1, 1.5, "5", True):
    try:
        mabeam.Agent("a", ["x"], per_auction=bad)
        raise AssertionError(bad)
    except ValueError:
        pass
try:
    agent.value("y", lambda lot, market: 1)
    raise AssertionError("y")
except ValueError:
    pass

# Notes are whole after a crash; those of another agent, or half of some, are begun anew.
agent.id = "b" * 64
agent.notes = agent.read_notes("c" * 64)
agent.notes["begun"]["d" * 64] = 2
agent.note(since="17")
assert agent.read_notes("c" * 64)["since"] == "17"
assert agent.read_notes("e" * 64)["since"] is None and "another network" in said[-1]
with open(os.path.join(agent.folder, "notes.json"), "w") as file:
    file.write('{"v":1,')
assert agent.read_notes("c" * 64)["since"] is None and "could not be read" in said[-1]

# Work: an answer, an error, nothing, or no end.
agent.part = lambda trade, which: None  # nothing was handed over


def worked(work, left=30.0):
    agent.work("x", work)
    deadline = (datetime.now(timezone.utc) + timedelta(seconds=left)).isoformat().replace("+00:00", "Z")
    trade = {"id": "f" * 64, "auction": "a" * 64, "capability": "x", "units": 1, "fence": 7, "buyer": "b", "price": "5", "deadline": deadline}
    return agent.worked(trade, "it:", 1)


assert worked(lambda task, progress: "é") == "é".encode()
assert worked(lambda task, progress: b"\x00") == b"\x00"
assert json.loads(worked(lambda task, progress: {"fence": task["fence"]})) == {"fence": 7}
assert "raised ZeroDivisionError" in worked(lambda task, progress: 1 // 0)
assert "raised SystemExit" in worked(lambda task, progress: sys.exit(1))
assert "returned nothing" in worked(lambda task, progress: None)
assert "too little time" in worked(lambda task, progress: "", left=0.4)
cancelled = []


def endless(task, progress):
    for how in (-0.1, 0.5, 1.1, float("nan"), True, "words"):
        progress(how)
    task["cancelled"].wait(10)
    cancelled.append(task["cancelled"].is_set())


said.clear()
assert worked(endless, left=0.8) == "the time for it is over"
time.sleep(0.1)
assert cancelled == [True]
assert said == ["it: works on it", "it: 50%", "it: words"], said

# A folder that nobody named gives little authority.
os.environ.pop("MABEAM_HOME", None)
os.environ["XDG_DATA_HOME"] = data = tempfile.mkdtemp()
home = os.path.join(data, "mabeam")
os.mkdir(home, 0o700)


def api(url="http://127.0.0.1:1", token=None):
    token = token or os.path.join(home, "token")
    with open(token, "w") as file:
        file.write("secret\n")
    with open(os.path.join(home, "api.json"), "w") as file:
        json.dump({"url": url, "tokenFile": token, "peers": [{}]}, file)


api()
daemon = mabeam.Daemon()
daemon.find()
assert (daemon.url, daemon.token) == ("http://127.0.0.1:1", "secret")


def refused():
    try:
        mabeam.Daemon().find()
        return False
    except PermissionError:
        return True


api(url="http://example.org:1")
assert refused()
api(token=os.path.join(data, "elsewhere"))
assert refused()
api()
os.chmod(home, 0o770)
assert refused()
os.environ["MABEAM_HOME"] = home
assert not refused()
try:
    mabeam.Daemon(url="http://127.0.0.1:1", token="t").ask("GET", "/v1/node")
    raise AssertionError("somebody answered")
except mabeam.Away:
    pass
assert mabeam.passing(mabeam.Away()) and mabeam.passing(mabeam.Problem({"code": "BUSY", "status": 503}))
assert not mabeam.passing(mabeam.Problem({"code": "FUNDS_TOO_LOW", "status": 402}))
assert threading.active_count() <= 2
print("ok")
