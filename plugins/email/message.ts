import type { Notice } from "@vedette/sdk";
import { fitting, noticeText } from "../_channel/parts.ts";

const mostSubject = 200;

/**
 * A notice as a message of RFC 5322: plain text in UTF-8 as base64, so that no line of it can be taken for a header or for
 * the end of the message. Headers hold encoded words only.
 */
export function messageOf(
  notice: Notice,
  { from, to }: { readonly from: string; readonly to: readonly string[] },
  host: string,
): string {
  const { title, lines, link } = noticeText(notice);
  const text = [title, "", ...fitting(lines, 60_000), ...(link === undefined ? [] : ["", link])].join("\r\n");
  const headers = [
    `Date: ${new Date(notice.at).toUTCString().replace("GMT", "+0000")}`,
    `From: ${from}`,
    ...folded("To: ", to),
    ...encodedSubject([...title].slice(0, mostSubject).join("")),
    `Message-ID: <${notice.id}@${host.replaceAll(/[^A-Za-z0-9.-]/g, "-") || "vedette"}>`,
    // Answers of machines to machines make loops (RFC 3834).
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
  ];
  const body =
    Buffer.from(text)
      .toString("base64")
      .match(/.{1,76}/g) ?? [];
  return [...headers, "", ...body, ""].join("\r\n");
}

function folded(name: string, addresses: readonly string[]): string[] {
  return [name + addresses.join(",\r\n ")];
}

/** The subject in encoded words of at most 75 characters, none cut inside a character (RFC 2047). */
function encodedSubject(text: string): string[] {
  const words: string[] = [];
  let part = "";
  for (const character of text) {
    if (Buffer.byteLength(part + character) > 42) {
      words.push(part);
      part = "";
    }
    part += character;
  }
  words.push(part);
  const encoded = words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString("base64")}?=`);
  return [`Subject: ${encoded.join("\r\n ")}`];
}
