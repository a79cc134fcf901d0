/**
 * Alerts as they stand: what detection stored, with what people made of it since. To be asked like a table; `status` is theirs
 * where they changed it, and `verdict`, `assignee`, `version` are beside it.
 */
export const alertsNow = `(
  SELECT alerts.* EXCEPT status, if(state.status = '', if(alerts.status = '', 'open', alerts.status), state.status) AS status,
    state.verdict AS verdict, state.assignee AS assignee, state.version AS version
  FROM alerts FINAL
  LEFT JOIN (SELECT id AS stateId, status, verdict, assignee, version FROM case_states FINAL WHERE kind = 'alert') AS state
    ON state.stateId = alerts.id)`;

/** Incidents as they stand, in the same way. */
export const incidentsNow = `(
  SELECT incidents.*, if(state.status = '', 'open', state.status) AS status,
    state.verdict AS verdict, state.assignee AS assignee, state.version AS version
  FROM incidents FINAL
  LEFT JOIN (SELECT id AS stateId, status, verdict, assignee, version FROM case_states FINAL WHERE kind = 'incident') AS state
    ON state.stateId = incidents.id)`;
