#!/usr/bin/env python3
"""A parsing plugin in Python: one log a call as the protocol has it, and many logs in one call. See README.md."""

import json
import os
import signal
import sys
from concurrent import futures
from pathlib import Path

import grpc

sys.path.insert(0, str(Path(__file__).parent / "generated"))

from plugins import plugins_pb2, plugins_pb2_grpc
from vedette.plugins.v1 import batch_parsing_pb2, batch_parsing_pb2_grpc

NAME = "my-enricher"


def enrich(text, params):
    """The work of the plugin: the log as it is from now on."""
    log = json.loads(text)
    log.setdefault("log", {})["custom_status"] = "processed_by_plugin"
    return json.dumps(log)


class One(plugins_pb2_grpc.ParsingServicer):
    def ParseLog(self, request, context):
        try:
            log = enrich(request.draft.log, request.step.dynamic.params)
        except Exception as error:  # becomes an entry in the errors of the event; the log stays as it was
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return plugins_pb2.Draft(log=log, errors=request.draft.errors)


class Many(batch_parsing_pb2_grpc.BatchParsingServicer):
    def ParseLogs(self, request, context):
        response = batch_parsing_pb2.ParseLogsResponse()
        for given in request.logs:
            try:
                response.logs.add(log=enrich(given, request.params))
            except Exception as error:
                response.logs.add(error=str(error))
        return response


def main():
    socket = Path(os.environ["WORK_DIR"], "sockets", f"{NAME}_parsing.sock")
    socket.unlink(missing_ok=True)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    plugins_pb2_grpc.add_ParsingServicer_to_server(One(), server)
    batch_parsing_pb2_grpc.add_BatchParsingServicer_to_server(Many(), server)
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.stop(1))
    server.wait_for_termination()


if __name__ == "__main__":
    main()
