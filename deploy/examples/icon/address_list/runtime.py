"""A small runtime for InsightConnect-style plugins: the v1 messages over stdin and stdout, standard library only."""
import json
import sys
import time
import urllib.error
import urllib.request

PRESETS = {
    "NOT_FOUND": ("Invalid or unreachable endpoint provided.", "Check the connection."),
    "INVALID_JSON": ("Received an unexpected response from the server.", "The data is no JSON."),
    "RATE_LIMIT": ("The account configured in your plugin connection is currently rate-limited.", "Ask less often."),
    "SERVER_ERROR": ("Server error occurred", "Try again later."),
    "UNKNOWN": ("Something unexpected occurred.", "See the log."),
}


class PluginException(Exception):
    """A failure in words: why, what helps, and what came back."""

    def __init__(self, cause="", assistance="", data="", preset=None):
        self.cause, self.assistance = PRESETS[preset] if preset else (cause, assistance)
        self.data = data
        super().__init__("An error occurred during plugin execution!\n\n%s %s" % (self.cause, self.assistance))


class Log:
    """Lines for the answer; people see them on stderr as they come."""

    def __init__(self):
        self.lines = []

    def __call__(self, line):
        self.lines.append(line)
        print(line, file=sys.stderr, flush=True)

    def take(self):
        text = "".join("%s\n" % line for line in self.lines)
        self.lines = []
        return text


def message(kind, body):
    return {"version": "v1", "type": "%s_event" % kind, "body": body}


def dispatch(url, event):
    """Sends an event and sends it again until it is answered with 200: only then is it kept."""
    if not url:
        print(json.dumps(event), flush=True)
        return
    wait = 0.2
    while True:
        try:
            request = urllib.request.Request(
                url, json.dumps(event).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request) as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            if error.code == 400:
                raise PluginException("The event was refused.", data=error.read().decode("utf-8", "replace"))
        except urllib.error.URLError:
            pass
        time.sleep(wait)
        wait = min(wait * 2, 30)


def step(start, verb, name, connect, test, actions, triggers, tasks):
    kind = start["type"][: -len("_start")]
    body = start["body"]
    log = Log()
    answer = {"meta": body.get("meta") or {}, "status": "ok"}
    try:
        component = {"action": actions, "trigger": triggers, "task": tasks}[kind].get(body[kind])
        if component is None:
            raise PluginException('Unknown %s "%s".' % (kind, body[kind]))
        connection = connect(body.get("connection") or {})
        params = body.get("input") or {}
        log("%s. Step name: %s" % (name, body[kind]))
        if verb == "test":
            answer["output"] = test(connection, log)
        elif kind == "action":
            answer["output"] = component(params, connection, log)
        elif kind == "task":
            output, state, more, status, error = component(
                params, connection, body.get("state") or {}, body.get("custom_config") or {}, log
            )
            answer.update(output=output, state=state, has_more_pages=more, status_code=status)
            if error is not None:
                raise error
        else:
            url = (body.get("dispatcher") or {}).get("url")

            def send(output):
                event = {"meta": answer["meta"], "status": "ok", "log": log.take(), "output": output}
                dispatch(url, message("trigger", event))

            component(params, connection, send)
    except Exception as error:  # Whatever it is, it must come back as an answer.
        answer["status"] = "error"
        answer["error"] = str(error)
        answer["exception"] = {
            "cause": getattr(error, "cause", PRESETS["UNKNOWN"][0]),
            "assistance": getattr(error, "assistance", PRESETS["UNKNOWN"][1]),
            "data": getattr(error, "data", repr(error)),
        }
    answer["log"] = log.take()
    return message(kind, answer)


def main(name, connect, test, actions, triggers, tasks):
    verb = sys.argv[1] if len(sys.argv) > 1 else "info"
    if verb in ("run", "test"):
        answer = step(json.load(sys.stdin), verb, name, connect, test, actions, triggers, tasks)
        print(json.dumps(answer), flush=True)
        sys.exit(0 if answer["body"]["status"] == "ok" else 1)
    print(name)
    for kind, known in (("Actions", actions), ("Triggers", triggers), ("Tasks", tasks)):
        print("%s: %s" % (kind, ", ".join(known) or "none"))
