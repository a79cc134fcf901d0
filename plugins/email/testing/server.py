"""A real SMTP server for tests: aiosmtpd. Prints its port, then each message as a line of JSON."""

import json
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

options = json.loads(sys.argv[1])


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        if address.startswith("later@"):
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        said = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": envelope.content.decode("latin1"),
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "login": bool(session.authenticated),
        }
        print(json.dumps(said), flush=True)
        return "250 2.0.0 queued as T1"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"ops" and data.password == b"hunter2 \xc3\xbc"
    return AuthResult(success=good, handled=False, message=None if good else "535 5.7.8 no")


context = None
if "cert" in options:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["cert"], options["key"])


class Server(Controller):
    def factory(self):
        more = {"tls_context": context, "require_starttls": True} if options["mode"] == "starttls" else {}
        if options.get("auth"):
            more |= {"authenticator": authenticate, "auth_required": True}
            more["auth_require_tls"] = options["mode"] == "starttls"
        return SMTP(self.handler, hostname="mail.test", **more)


controller = Server(
    Handler(),
    hostname="127.0.0.1",
    port=options["port"],
    **({"ssl_context": context} if options["mode"] == "tls" else {}),
)
controller.start()
print("ready", flush=True)
while True:
    time.sleep(3600)
