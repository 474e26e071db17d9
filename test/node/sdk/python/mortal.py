"""An agent that renders until it is killed: by itself, at the step that is named."""
import os, signal, sys, time

sys.path.insert(0, sys.argv[1])
import mabeam

url, token, folder, step = sys.argv[2:6]


def die_at(name):
    if step == name:
        os.kill(os.getpid(), signal.SIGKILL)


def say(line):
    os.write(1, f"{line}\n".encode())
    if " won: " in line:
        die_at("after win")


class Watched(mabeam.Daemon):
    def ask(self, method, path, body=None, once=None):
        what = path.split("/")[-1] if method == "POST" else ""
        die_at(f"before {what}")
        answer = super().ask(method, path, body, once)
        die_at(f"after {what}")
        return answer


def value(lot, market):
    die_at("while it values")
    return 4_000_000


def work(task, progress):
    os.write(1, f"work {task['id']} {task['attempt']}\n".encode())
    die_at("as work begins")
    time.sleep(0.2)
    progress(0.5)
    die_at("mid work")
    return f"picture of {task['id']}"


agent = mabeam.Agent("mortal", ["task.render"], 50_000_000, daemon=Watched(url=url, token=token), folder=folder, delay_ms=0, say=say)
agent.value("task.render", value)
agent.work("task.render", work)
agent.run()
