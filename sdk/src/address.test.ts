import { describe, expect, it } from "vitest";
import { hostPort, isLoopbackAddress, parseAddress } from "./index.ts";

describe("an address", () => {
  it.each([
    ["127.0.0.1:8600", "127.0.0.1", 8600, true],
    ["127.8.9.10:0", "127.8.9.10", 0, true],
    ["localhost:1", "localhost", 1, true],
    ["[::1]:8601", "::1", 8601, true],
    ["0.0.0.0:8601", "0.0.0.0", 8601, false],
    ["[::]:8601", "::", 8601, false],
    ["10.0.0.5:8801", "10.0.0.5", 8801, false],
    // No IPv4 address, so a name, which could resolve to anything.
    ["127.999.0.1:1", "127.999.0.1", 1, false],
    ["127.0.0.1.example.net:1", "127.0.0.1.example.net", 1, false],
  ])("%s is host %s, port %i, loopback: %s", (address, host, port, loopback) => {
    expect(hostPort.safeParse(address).success).toBe(true);
    expect(parseAddress(address)).toEqual({ host, port });
    expect(isLoopbackAddress(address)).toBe(loopback);
  });

  it.each(["", "8600", "host", "::1:80", "a b:1", "host:123456"])("is not %j", (address) => {
    expect(hostPort.safeParse(address).success).toBe(false);
  });
});
