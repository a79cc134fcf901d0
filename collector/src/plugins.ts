import { auditd } from "@vedette/plugins/auditd";
import { awsCloudtrail } from "@vedette/plugins/aws-cloudtrail";
import { containers } from "@vedette/plugins/containers";
import { geoip } from "@vedette/plugins/geoip";
import { linuxAuth } from "@vedette/plugins/linux-auth";
import { logins } from "@vedette/plugins/logins";
import { network } from "@vedette/plugins/network";
import { postfix } from "@vedette/plugins/postfix";
import { web } from "@vedette/plugins/web";
import { windows } from "@vedette/plugins/windows";
import { type AnyPlugin, buildRegistry, switchedOff } from "@vedette/sdk";

/** The plugins a collector runs. To add one: install its folder and add a line here. */
const all = [
  geoip,
  auditd,
  awsCloudtrail,
  containers,
  linuxAuth,
  logins,
  network,
  postfix,
  web,
  windows,
] satisfies readonly AnyPlugin[];

buildRegistry(all);

export const plugins: readonly AnyPlugin[] = all.filter(({ id }) => !switchedOff(id, process.env));
