import { checkConfig, formatProblem, parseSource } from "@vedette/core/config";
import { expect, it } from "vitest";
import { storeConfig } from "./store.ts";

const problemsOf = (text: string): string[] => {
  const checked = checkConfig(storeConfig, parseSource(text, "v.yaml"));
  return checked.ok ? [] : checked.problems.map(formatProblem);
};

it.each([
  "{}",
  "{url: https://ch.example.net:8443, tls: {caFile: ca.pem}}",
  "{url: ['http://a:8123', 'http://b:8123'], cluster: east, quorum: 2}",
  "{retention: [{dataType: zeek*, days: 5}, {tenant: acme, days: 400}]}",
  "{url: 'http://a:8123', storagePolicy: tiered, moveTo: {volume: cold, afterDays: 7}, retention: [{tenant: a, days: 9, moveAfterDays: 3}]}",
])("takes %s", (text) => expect(problemsOf(text)).toEqual([]));

it.each([
  ["{url: ['http://a:1', 'http://b:1']}", /url: Several addresses need store\.cluster/],
  ["{cluster: east}", /cluster: A cluster needs store\.url/],
  ["{url: 'http://a:1', cluster: 'a b'}", /cluster: Expected the name of a cluster/],
  ["{url: 'http://a:1', tls: {}}", /tls: .*https/],
  ["{url: 'https://a:1', tls: {keyFile: k}}", /tls: certFile and keyFile belong together/],
  ["{url: 'http://a:1', moveTo: {volume: cold, afterDays: 7}}", /moveTo: .*storagePolicy/],
  ["{storagePolicy: tiered}", /storagePolicy: .*store\.url/],
  ["{retention: [{days: 5}]}", /retention\[0\]: A rule needs dataType or tenant/],
  ["{retention: [{dataType: a, days: 5, moveAfterDays: 1}]}", /retention: .*store\.moveTo/],
  ['{retention: [{dataType: "a\'b", days: 5}]}', /retention\[0\]\.dataType: Expected a data type/],
])("refuses %s", (text, expected) => expect(problemsOf(text).join("\n")).toMatch(expected));
