import type { Alert } from "@vedette/sdk";
import { alertTime } from "./alert.ts";
import { EventRef } from "./bodies.ts";

/** An alert as something to be searched for: in the samples of others it stands for the event that triggered it. */
export const alertRef = (alert: Alert): EventRef =>
  new EventRef(alert.id ?? "", alertTime(alert), alert.dataType ?? "", alert.lastEvent ?? {});
