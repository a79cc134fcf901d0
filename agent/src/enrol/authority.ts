import { createHash } from "node:crypto";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { parseAddress } from "@vedette/core/config";
import { messageOf, VedetteError } from "@vedette/sdk";
import { pem } from "./issued.ts";

const timeoutMs = 10_000;
const mostCertificates = 8;

/**
 * The authority that a server's certificate ends in, PEM, where it is the one with this SHA-256. Says nothing to the server, and
 * believes nothing of it: who connects next has to be convinced by this authority. Rejects with `transport.certificate` where it is
 * another one, and with `transport.unavailable`.
 */
export function fetchAuthority(address: string, fingerprint: Buffer): Promise<string> {
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    // It is only looked at, which is why nothing is verified yet.
    const options = {
      host,
      port,
      minVersion: "TLSv1.3" as const,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
    };
    const socket = connect(options, () => {
      const found = chainOf(socket.getPeerCertificate(true)).find((der) =>
        createHash("sha256").update(der).digest().equals(fingerprint),
      );
      if (!found) {
        socket.destroy();
        reject(new VedetteError("transport.certificate", strange(address), { verdict: "stop" }));
        return;
      }
      // In good order: a connection that breaks off in its handshake looks like one that was refused.
      socket.end().resume();
      resolve(pem(found));
    });
    const fail = (why: string): void => {
      socket.destroy();
      const message = `The collector ${address} cannot be reached over TLS: ${why}.`;
      reject(new VedetteError("transport.unavailable", message, { verdict: "retry" }));
    };
    socket.setTimeout(timeoutMs, () => fail(`it did not answer within ${timeoutMs / 1_000} s`));
    socket.on("error", (error) => fail(messageOf(error)));
  });
}

const strange = (address: string): string =>
  `${address} is not the collector that the token is from: its certificate is of another authority. The token was not sent. ` +
  "Is the address right, and does nothing between change the connection?";

function chainOf(first: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  let each: DetailedPeerCertificate | undefined = first;
  while (each?.raw && chain.length < mostCertificates) {
    chain.push(each.raw);
    each = each.issuerCertificate === each ? undefined : each.issuerCertificate;
  }
  return chain;
}
