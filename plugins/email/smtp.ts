import type { Socket } from "node:net";
import { hostname } from "node:os";
import { type ConnectionDeps, isVedetteError } from "@vedette/sdk";
import { failureOf, refused, undelivered } from "../_channel/answer.ts";
import { connectTo, secured } from "../_channel/parts.ts";
import { type Reply, ReplyReader } from "./reply.ts";
import type { Settings } from "./settings.ts";

const silentMs = 15_000;

/**
 * A session with an SMTP server (RFC 5321, with STARTTLS of RFC 3207 and AUTH of RFC 4954), over a connection of the guarded way out.
 * What fails is `notice.refused` where the server says it always will (5xx, a login that is wrong), else `notice.undelivered`.
 */
export class SmtpSession {
  #socket: Socket;
  #reader: ReplyReader;
  readonly #deps: ConnectionDeps;
  #abilities: readonly string[] = [];

  private constructor(socket: Socket, deps: ConnectionDeps) {
    this.#deps = deps;
    this.#socket = socket;
    this.#reader = new ReplyReader(socket, silentMs, deps.signal);
  }

  /** Connects, makes it secure and logs in, as the settings say. */
  static async open(settings: Settings, deps: ConnectionDeps): Promise<SmtpSession> {
    let session: SmtpSession | undefined;
    try {
      session = new SmtpSession(await connectTo(settings, settings.security === "tls", deps), deps);
      await session.#begin(settings);
      return session;
    } catch (error) {
      session?.drop();
      throw sessionError(error, deps.signal);
    }
  }

  /** Sends a message and gives what the server said, such as its queue id. */
  async send(from: string, to: readonly string[], message: string): Promise<string> {
    try {
      await this.#ask(`MAIL FROM:<${from}>`);
      const wrong: string[] = [];
      for (const each of to) {
        const reply = await this.#say(`RCPT TO:<${each}>`);
        if (reply.code >= 500) wrong.push(`${each}: ${reply.text}`);
        else this.#require(reply);
      }
      if (wrong.length === to.length) throw refused(`The server takes none of the recipients (${wrong[0]})`);
      await this.#ask("DATA", 354);
      // A dot at the start of a line would end the message (RFC 5321, 4.5.2).
      const { text } = await this.#ask(`${message.replaceAll(/^\./gm, "..")}\r\n.`);
      return wrong.length === 0 ? text : `${text}; not for ${wrong.join("; ")}`;
    } catch (error) {
      throw sessionError(error, this.#deps.signal);
    }
  }

  /** Says goodbye. Never rejects: the message is with the server by then, or is not. */
  async quit(): Promise<void> {
    await this.#say("QUIT").catch(() => undefined);
    this.#socket.destroy();
  }

  /** Ends it without a word. */
  drop(): void {
    this.#socket.destroy();
  }

  async #begin(settings: Settings): Promise<void> {
    this.#require(await this.#reader.next(), 220);
    await this.#greet();
    if (settings.security === "starttls") {
      if (!this.#abilities.includes("STARTTLS"))
        throw refused("The server offers no STARTTLS; without it everything could be read on the way");
      await this.#ask("STARTTLS", 220);
      await this.#secure(settings);
      // What was said before is forgotten: anybody may have said it.
      await this.#greet();
    }
    if (settings.login) await this.#login(settings.login);
  }

  async #greet(): Promise<void> {
    const name = hostname().replaceAll(/[^A-Za-z0-9.-]/g, "-") || "localhost";
    const { text } = await this.#ask(`EHLO ${name}`);
    this.#abilities = text
      .split("\n")
      .slice(1)
      .map((line) => line.trim().toUpperCase());
  }

  async #login({ username, password }: NonNullable<Settings["login"]>): Promise<void> {
    const ways = this.#abilities.find((line) => line.startsWith("AUTH "))?.split(" ") ?? [];
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    if (ways.includes("PLAIN")) await this.#ask(`AUTH PLAIN ${base64(`\0${username}\0${password}`)}`, 235);
    else if (ways.includes("LOGIN")) {
      await this.#ask("AUTH LOGIN", 334);
      await this.#ask(base64(username), 334);
      await this.#ask(base64(password), 235);
    } else throw refused("The server offers neither AUTH PLAIN nor AUTH LOGIN");
  }

  async #secure(settings: Settings): Promise<void> {
    // What came before TLS in one piece with the answer would be taken for the server's word (CVE-2011-0411).
    if (this.#reader.hasMore) throw refused("The server said more before TLS than it was asked");
    this.#reader.release();
    this.#socket = await secured(this.#socket, settings);
    this.#reader = new ReplyReader(this.#socket, silentMs, this.#deps.signal);
  }

  async #ask(line: string, code = 250): Promise<Reply> {
    const reply = await this.#say(line);
    this.#require(reply, code);
    return reply;
  }

  async #say(line: string): Promise<Reply> {
    this.#socket.write(`${line}\r\n`);
    return this.#reader.next();
  }

  #require({ code, text }: Reply, wanted = 250): void {
    if (code === wanted || (wanted === 250 && code === 251)) return;
    const said = `The server said ${code} ${text.replaceAll(/\s+/g, " ").slice(0, 200)}`;
    throw code >= 500 ? refused(said) : undelivered(said);
  }
}

const sessionError = (error: unknown, signal: AbortSignal): Error =>
  isVedetteError(error) && error.code.startsWith("notice.") ? error : failureOf(error, signal);
