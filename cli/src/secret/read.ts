import { UsageError } from "../exit.ts";

const maxBytes = 65_536;

/** A secret from standard input: a line that is typed unseen at a terminal, else everything but one line break at the end. */
export async function readSecret(name: string): Promise<string> {
  const text = process.stdin.isTTY ? await typed(`${name}: `) : await piped();
  if (text === "") throw new UsageError("Nothing was given on standard input.");
  return text;
}

async function piped(): Promise<string> {
  const parts: Buffer[] = [];
  let total = 0;
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    total += part.length;
    if (total > maxBytes + 2) throw new UsageError(`A secret has at most ${maxBytes} bytes.`);
    parts.push(part);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(Buffer.concat(parts))
      .replace(/\r?\n$/, "");
  } catch (cause) {
    throw new UsageError("A secret is text in UTF-8; write bytes in base64.", { cause });
  }
}

function typed(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true).setEncoding("utf8").resume();
  return new Promise((resolve, reject) => {
    let text = "";
    const end = (done: () => void): void => {
      stdin.off("data", take);
      stdin.setRawMode(false).pause();
      stderr.write("\n");
      done();
    };
    const take = (given: string): void => {
      for (const key of given) {
        if (key === "\r" || key === "\n") {
          end(() => resolve(text));
          return;
        }
        // Ctrl-C and Ctrl-D: nothing was meant.
        if (key === "\u0003" || key === "\u0004") {
          end(() => reject(new UsageError("Given up.")));
          return;
        }
        text = key === "\u007f" || key === "\b" ? text.slice(0, -1) : text + key;
      }
    };
    stdin.on("data", take);
  });
}
