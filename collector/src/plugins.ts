import { auditd } from "@vedette/plugins/auditd";
import { awsCloudtrail } from "@vedette/plugins/aws-cloudtrail";
import { containers } from "@vedette/plugins/containers";
import { crowdsec } from "@vedette/plugins/crowdsec";
import { discord } from "@vedette/plugins/discord";
import { email } from "@vedette/plugins/email";
import { geoblock } from "@vedette/plugins/geoblock";
import { geoip } from "@vedette/plugins/geoip";
import { githubReleases } from "@vedette/plugins/github-releases";
import { homeAssistant } from "@vedette/plugins/home-assistant";
import { jsonAssets } from "@vedette/plugins/json-assets";
import { linuxAuth } from "@vedette/plugins/linux-auth";
import { logins } from "@vedette/plugins/logins";
import { matrix } from "@vedette/plugins/matrix";
import { mqtt } from "@vedette/plugins/mqtt";
import { network } from "@vedette/plugins/network";
import { ntfy } from "@vedette/plugins/ntfy";
import { postfix } from "@vedette/plugins/postfix";
import { proxmoxAssets } from "@vedette/plugins/proxmox-assets";
import { slack } from "@vedette/plugins/slack";
import { syslog } from "@vedette/plugins/syslog";
import { teams } from "@vedette/plugins/teams";
import { telegram } from "@vedette/plugins/telegram";
import { traefik } from "@vedette/plugins/traefik";
import { web } from "@vedette/plugins/web";
import { webhook } from "@vedette/plugins/webhook";
import { windows } from "@vedette/plugins/windows";
import { type AnyPlugin, buildRegistry, switchedOff } from "@vedette/sdk";

/** What tells people. */
const channels = [
  discord,
  email,
  matrix,
  mqtt,
  ntfy,
  slack,
  syslog,
  teams,
  telegram,
  webhook,
] satisfies readonly AnyPlugin[];

/** What knows of systems and programs. */
const inventories = [githubReleases, jsonAssets, proxmoxAssets] satisfies readonly AnyPlugin[];

/** The plugins a collector runs. To add one: install its folder and add a line here. */
const all = [
  geoip,
  auditd,
  awsCloudtrail,
  containers,
  crowdsec,
  linuxAuth,
  logins,
  network,
  postfix,
  web,
  windows,
  ...channels,
  ...inventories,
  homeAssistant,
  geoblock,
  traefik,
] satisfies readonly AnyPlugin[];

buildRegistry(all);

export const plugins: readonly AnyPlugin[] = all.filter(({ id }) => !switchedOff(id, process.env));
