import { request } from "../api/client.ts";

/** Fetches a file from the API with the key, and gives it to the browser to keep. Throws an `ApiProblem`. */
export async function download(path: string, name: string): Promise<void> {
  const response = await request(path, new AbortController().signal);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it once the click was handled.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
