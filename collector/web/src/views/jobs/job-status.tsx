import type { JobStatus } from "../../api/response-types.ts";
import { tValue } from "../../i18n/index.ts";
import { type Tone, ToneBadge } from "../../ui/tone-badge.tsx";

const tones: Readonly<Record<JobStatus, Tone>> = {
  ...{ waiting: "warn", running: "good", queued: "off", succeeded: "good" },
  ...{ failed: "bad", uncertain: "bad", cancelled: "off" },
};

/** Where a job stands. */
export const JobStatusBadge = ({ value }: { value: JobStatus }) => (
  <ToneBadge tone={tones[value] ?? "off"} text={tValue("job", value)} />
);
