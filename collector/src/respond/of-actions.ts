import type { Alert } from "@vedette/sdk";

/** The data type of the events that tell what became of actions. */
export const actionDataType = "vedette.action";

/** Whether an alert was raised by an event of an action, alone or among others. */
export const isOfActions = ({ dataType, lastEvent, events = [] }: Alert): boolean =>
  [dataType, lastEvent?.dataType, ...events.map((each) => each.dataType)].includes(actionDataType);
