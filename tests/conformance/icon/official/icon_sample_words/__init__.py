"""A plugin over the vendor's own runtime: one action, one trigger, one task."""

import json
import time

import insightconnect_plugin_runtime as runtime
from insightconnect_plugin_runtime.exceptions import ConnectionTestException, PluginException

ANY = {"type": "object", "title": "Variables", "properties": {}, "definitions": {}}
LIST = {"type": "array", "title": "Lines", "items": {"type": "object"}}


class Connection(runtime.Connection):
    def __init__(self):
        super().__init__(input=runtime.Input(ANY))

    def connect(self, params):
        self.url = params["url"]
        self.key = params["key"]["secretKey"]

    def test(self):
        if self.key != "right":
            raise ConnectionTestException(preset=ConnectionTestException.Preset.API_KEY)
        return {"success": True}


class CountWords(runtime.Action):
    def __init__(self):
        super().__init__("count_words", "Count the words of a text", runtime.Input(ANY), runtime.Output(ANY))

    def run(self, params={}):
        text = params["text"]
        if text == "busy":
            raise PluginException(preset=PluginException.Preset.RATE_LIMIT, data="slow down")
        if text == "bad":
            raise PluginException(cause="It is bad.", assistance="Give a good one.", data=text)
        if text == "boom":
            raise ValueError("boom")
        self.logger.info("counting for %s", self.connection.url)
        words = (text.lower() if params.get("mode") == "lower" else text).split()
        counts = [{"text": word, "count": words.count(word)} for word in sorted(set(words))]
        return {"words": counts, "total": len(counts)}


class Tick(runtime.Trigger):
    def __init__(self):
        super().__init__("tick", "Sends a tick now and then", runtime.Input(ANY), runtime.Output(ANY))

    def run(self, params={}):
        number = 0
        while True:
            number += 1
            self.send({"number": number})
            time.sleep(params["every"] / 10)


class Lines(runtime.Task):
    def __init__(self):
        super().__init__("lines", "Gives lines", runtime.Input(ANY), runtime.Output(LIST), runtime.State(ANY))

    def run(self, params={}, state={}, custom_config={}):
        most, last = params.get("most") or 3, state.get("last", 0)
        lines = [{"n": n} for n in range(last + 1, last + 1 + most)]
        return lines, {"last": last + most}, last + most < 2 * most, 200, None


class SampleWords(runtime.Plugin):
    def __init__(self):
        super().__init__("Sample Words", "vedette", "1.0.0", json.dumps("words"), connection=Connection())
        self.add_action(CountWords())
        self.add_trigger(Tick())
        self.add_task(Lines())
