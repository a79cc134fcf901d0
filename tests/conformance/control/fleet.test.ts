import { createHash, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { manualClock } from "@vedette/sdk/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { writeRequest } from "../../../agent/src/enrol/request.ts";
import {
  type ControlDatabase,
  openControlDatabase,
  openSecretBox,
  readAudit,
  rotateSecrets,
  verifyAudit,
} from "../../../collector/src/control/index.ts";
import {
  listAgents,
  listTokens,
  makeToken,
  openAuthority,
  revokeToken,
  setRevoked,
} from "../../../collector/src/fleet/index.ts";
import { enrol, noteRenewal, noteSeen, revokedAgents } from "../../../collector/src/fleet/registry.ts";
import { keyOfRequest } from "../../../collector/src/fleet/x509.ts";
import { readToken } from "../../../proto/src/enrol.ts";
import { kinds, type Opened } from "./targets.ts";

const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const dayMs = 86_400_000;

describe.each(kinds)("enrolment in the control database on $name", ({ open }) => {
  describe.skipIf(!open)("keeps its contract", () => {
    let opened: Opened;
    const databases: ControlDatabase[] = [];
    beforeAll(async () => {
      opened = await open!();
    });
    afterEach(async () => {
      await Promise.all(databases.splice(0).map((each) => each.destroy()));
    });
    afterAll(() => opened?.close());

    async function setUp() {
      const target = await opened.fresh();
      const env = { VEDETTE_SECRET_KEY: randomBytes(32).toString("base64") };
      const connect = async () => {
        const database = await openControlDatabase(target);
        databases.push(database);
        return database;
      };
      const clock = manualClock(Date.now());
      const database = await connect();
      const box = openSecretBox(target, env);
      const authority = await openAuthority(database, box, clock);
      const token = async (more: object = {}) =>
        makeToken(
          database,
          authority.fingerprint,
          { uses: 1, lifeMs: 3_600_000, agent: undefined, ...more },
          clock,
        );
      /** As the service does it. */
      const apply = async (
        text: string,
        agentId: string,
        key = newKey(),
        from: ControlDatabase = database,
      ) => {
        const { id: tokenId, secret } = readToken(text)!;
        const request = writeRequest(key);
        const applicant = {
          tokenId,
          secret,
          agentId,
          host: "h",
          version: "1",
          key: await keyOfRequest(request),
        };
        const issue = async () => {
          const issued = await authority.signer.sign(request, { agentId }, clock.now(), 7 * dayMs);
          return { ...issued, issued };
        };
        return enrol(from, applicant, issue, clock);
      };
      return { target, env, connect, clock, database, box, authority, token, apply };
    }

    it("has one authority, whoever asks first, whose key is sealed anew by a rotation", async () => {
      const { target, env, connect, clock, database, authority } = await setUp();
      const old = env.VEDETTE_SECRET_KEY;
      const others = await Promise.all(
        [1, 2, 3].map(async () => openAuthority(await connect(), openSecretBox(target, env), clock)),
      );
      for (const each of others) expect(each.fingerprint).toEqual(authority.fingerprint);
      const both = openSecretBox(target, {
        VEDETTE_SECRET_KEY: `${randomBytes(32).toString("base64")},${old}`,
      });
      expect(await rotateSecrets(database, both, clock)).toMatchObject({ renewed: 1, unreadable: [] });
      const { sealed } = await database.selectFrom("authorities").select("sealed").executeTakeFirstOrThrow();
      expect(both.stale(sealed)).toBe(false);
      await expect(
        openAuthority(database, openSecretBox(target, { VEDETTE_SECRET_KEY: old }), clock),
      ).rejects.toMatchObject({ code: "secret.unreadable" });
    });

    it("makes certificates that OpenSSL takes for what they are, of the key that was asked for", async () => {
      const { authority, token, apply, clock } = await setUp();
      const key = newKey();
      const made = await apply((await token()).text, "web-1", key);
      const certificate = new X509Certificate(made.der);
      const ca = new X509Certificate(authority.signer.der);
      expect(createHash("sha256").update(ca.raw).digest()).toEqual(authority.fingerprint);
      expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey)).toBe(true);
      expect(ca.ca && !certificate.ca).toBe(true);
      expect(certificate.checkPrivateKey(key)).toBe(true);
      expect(certificate.subjectAltName).toBe("URI:urn:vedette:agent:web-1");
      expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
      expect(certificate.validFromDate.getTime()).toBeLessThan(clock.now() - 5 * 60_000);
      expect(certificate.validToDate.getTime()).toBeGreaterThan(clock.now() + 6 * dayMs);
      const server = await authority.signer.make({ names: ["127.0.0.1", "a.example"] }, clock.now(), dayMs);
      const served = new X509Certificate(server.certificate.pem);
      expect(served.checkIP("127.0.0.1") && served.checkHost("a.example")).toBeTruthy();
      expect(served.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    });

    it("takes no request that is changed, of another kind of key, or none at all", async () => {
      await setUp();
      const request = writeRequest(newKey());
      const changed = Buffer.from(request);
      changed[40]! ^= 1;
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
      for (const wrong of [changed, writeRequest(privateKey), Buffer.from("junk"), Buffer.alloc(0)])
        await expect(keyOfRequest(wrong)).rejects.toThrow(/certificate request/);
      const { privateKey: own } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const key = createPublicKey(own).export({ type: "spki", format: "der" });
      expect(await keyOfRequest(writeRequest(own))).toEqual(key);
    });

    it("uses a token as often as it may be used and no more, however many come at once", async () => {
      const { token, apply, connect, database } = await setUp();
      const { text, entry } = await token({ uses: 3 });
      const connections = [database, await connect(), await connect()];
      const ends = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => apply(text, `agent-${i}`, newKey(), connections[i % 3])),
      );
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
      expect(await listAgents(database)).toHaveLength(3);
      expect(await listTokens(database)).toMatchObject([{ id: entry.id, uses: 3, used: 3 }]);
    });

    it("answers the same key again without a further use, and no other one", async () => {
      const { token, apply, database } = await setUp();
      const { text } = await token();
      const key = newKey();
      const first = await apply(text, "a", key);
      const second = await apply(text, "a", key);
      expect(second.serial).not.toBe(first.serial);
      await expect(apply(text, "a")).rejects.toMatchObject({ reason: "token_used" });
      await expect(apply(text, "b", key)).rejects.toMatchObject({ reason: "token_used" });
      expect(await listTokens(database)).toMatchObject([{ used: 1 }]);
    });

    it("refuses what is wrong with a token or a name, with the reason, and nothing is used up by that", async () => {
      const { token, apply, clock, database } = await setUp();
      await apply((await token()).text, "taken");
      const { text, entry } = await token({ uses: 2 });
      const bytes = Buffer.from(text.slice(5), "base64url");
      bytes[50]! ^= 1;
      await expect(apply(`vde1_${bytes.toString("base64url")}`, "a")).rejects.toMatchObject({
        reason: "token",
      });
      await expect(apply(text, "taken")).rejects.toMatchObject({ reason: "taken" });
      const own = await token({ agent: "b" });
      await expect(apply(own.text, "a")).rejects.toMatchObject({ reason: "token_agent" });
      const again = await token({ agent: "taken" });
      await apply(again.text, "taken");
      expect((await listTokens(database)).find(({ id }) => id === entry.id)).toMatchObject({ used: 0 });
      clock.advance(3_600_000);
      await expect(apply(text, "a")).rejects.toMatchObject({ reason: "token_expired" });
      const revoked = await token();
      expect(await revokeToken(database, revoked.entry.id, clock)).toBe(true);
      expect(await revokeToken(database, revoked.entry.id, clock)).toBe(false);
      await expect(apply(revoked.text, "a")).rejects.toMatchObject({ reason: "token" });
    });

    it("revokes, which ends renewals and enrolment too, and lifts it again", async () => {
      const { token, apply, clock, database } = await setUp();
      await apply((await token()).text, "a");
      const renewal = { serial: "02", endsAt: clock.now() + dayMs };
      await noteRenewal(database, "a", renewal);
      expect(await setRevoked(database, "a", true, clock)).toBe(true);
      expect(await setRevoked(database, "a", true, clock)).toBe(false);
      expect(await setRevoked(database, "nobody", true, clock)).toBe(false);
      expect([...(await revokedAgents(database))]).toEqual(["a"]);
      await expect(noteRenewal(database, "a", renewal)).rejects.toMatchObject({ reason: "revoked" });
      await expect(noteRenewal(database, "nobody", renewal)).rejects.toMatchObject({ reason: "revoked" });
      await expect(apply((await token({ agent: "a" })).text, "a")).rejects.toMatchObject({
        reason: "revoked",
      });
      expect(await setRevoked(database, "a", false, clock)).toBe(true);
      await noteRenewal(database, "a", renewal);
      await noteSeen(database, ["a"], clock.now());
      expect(await listAgents(database)).toMatchObject([
        { id: "a", endsAt: renewal.endsAt, seenAt: clock.now() },
      ]);
    });

    it("tells all of it in the audit trail, and no secret", async () => {
      const { token, apply, clock, database } = await setUp();
      const { text, entry } = await token();
      await apply(text, "a");
      await revokeToken(database, entry.id, clock);
      await setRevoked(database, "a", true, clock);
      await setRevoked(database, "a", false, clock);
      const trail = await readAudit(database, { limit: 10 });
      expect(trail.map(({ action }) => action).reverse()).toEqual([
        ...["agent.token.create", "agent.enrol", "agent.token.revoke", "agent.revoke", "agent.revoke.undo"],
      ]);
      expect(trail.find(({ action }) => action === "agent.enrol")?.author).toBe(`token ${entry.id}`);
      const secret = readToken(text)!.secret;
      const kept = JSON.stringify([trail, await database.selectFrom("enrol_tokens").selectAll().execute()]);
      for (const form of [secret.toString("hex"), secret.toString("base64url")])
        expect(kept).not.toContain(form);
      expect(await verifyAudit(database)).toBeUndefined();
    });
  });
});
