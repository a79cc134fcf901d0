const agents = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148",
  "curl/8.11.0",
  "Googlebot/2.1 (+http://www.google.com/bot.html)",
];
const methods = ["GET", "GET", "GET", "GET", "POST", "HEAD"];
const statuses = [200, 200, 200, 200, 200, 304, 301, 404, 403, 500];
const referers = ["-", "-", "https://shop.example.net/", "https://shop.example.net/cart"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const two = (value: number): string => String(value).padStart(2, "0");

/** Lines in nginx's combined format: 5,000 addresses, 2,000 paths, skewed as real traffic is. */
export function accessLog(lines: number, random: (below: number) => number): string {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  let text = "";
  const start = Date.now();
  for (let i = 0; i < lines; i++) {
    const at = new Date(start + i);
    const client = Math.floor(random(5_000) * (random(100) / 100));
    const path = Math.floor(random(2_000) * (random(100) / 100));
    const time = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${at.toISOString().slice(11, 19)} +0000`;
    text += `${20 + (client % 180)}.${(client >> 4) % 256}.${client % 256}.${1 + (client % 254)} - - [${time}] "${pick(methods)} /shop/item/${path}?ref=${random(100_000)} HTTP/1.1" ${pick(statuses)} ${200 + random(40_000)} "${pick(referers)}" "${pick(agents)}"\n`;
  }
  return text;
}
