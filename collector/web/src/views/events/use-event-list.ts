import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import { followTail } from "../../api/tail.ts";
import type { Event, List } from "../../api/types.ts";
import { refreshes } from "../../state/refresh.ts";
import { apiKey } from "../../state/session.ts";

/** Events kept in the page, however far one scrolls or follows. */
const maxEvents = 5_000;
const pageSize = 200;
/** Events that wait while following is paused. */
const maxWaiting = 2_000;

interface State {
  readonly events: readonly Event[];
  readonly next: string | null;
  readonly loading: boolean;
  readonly problem: ApiProblem | undefined;
  /** False until the first answer. */
  readonly loaded: boolean;
}

export interface Live {
  readonly connected: boolean;
  readonly paused: boolean;
  readonly waiting: number;
  readonly dropped: number;
}

export interface EventList extends State {
  readonly live: Live;
  loadMore(): void;
  setPaused(paused: boolean): void;
}

const newestFirst = (a: Event, b: Event): number =>
  (b["@timestamp"] ?? "") < (a["@timestamp"] ?? "")
    ? -1
    : (b["@timestamp"] ?? "") > (a["@timestamp"] ?? "")
      ? 1
      : 0;

const empty: State = { events: [], next: null, loading: true, problem: undefined, loaded: false };
const idle: Live = { connected: false, paused: false, waiting: 0, dropped: 0 };

/** Events of a search, page by page; with `tail`, new ones are put in front as they are stored. */
export function useEventList(search: string, tailSearch: string, tail: boolean): EventList {
  const [state, setState] = useState<State>(empty);
  const [live, setLive] = useState<Live>(idle);
  const waiting = useRef<Event[]>([]);
  const paused = useRef(false);
  const again = refreshes.value;
  const key = apiKey.value;

  useEffect(() => {
    const control = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    ask<List<Event>>(`/events?${search}&limit=${pageSize}`, control.signal).then(
      ({ items, next }) =>
        setState({ events: items, next, loading: false, problem: undefined, loaded: true }),
      (problem: ApiProblem) => {
        if (!control.signal.aborted) setState({ ...empty, loading: false, problem, loaded: true });
      },
    );
    return () => control.abort();
  }, [search, again, key]);

  const put = useCallback((fresh: readonly Event[]) => {
    setState((before) => {
      const known = new Set(before.events.slice(0, 500).map((event) => event.id));
      const added = fresh.filter((event) => !known.has(event.id));
      return { ...before, loaded: true, events: [...added, ...before.events].slice(0, maxEvents) };
    });
  }, []);

  useEffect(() => {
    if (!tail) return;
    const control = new AbortController();
    waiting.current = [];
    paused.current = false;
    setLive(idle);
    // What arrives is shown four times a second: a flood costs a few renders, not thousands.
    const timer = setInterval(() => {
      const count = waiting.current.length;
      if (count > 0 && !paused.current) put(waiting.current.splice(0).sort(newestFirst));
      setLive((before) => ({ ...before, waiting: paused.current ? count : 0 }));
    }, 250);
    const handlers = {
      event: (event: Event) => {
        if (waiting.current.length < maxWaiting) waiting.current.push(event);
        else setLive((before) => ({ ...before, dropped: before.dropped + 1 }));
      },
      dropped: (count: number) => setLive((before) => ({ ...before, dropped: before.dropped + count })),
      connected: (connected: boolean) => setLive((before) => ({ ...before, connected })),
    };
    followTail(tailSearch, handlers, control.signal).catch((problem: ApiProblem) =>
      setState((before) => ({ ...before, problem })),
    );
    return () => {
      control.abort();
      clearInterval(timer);
      setLive(idle);
    };
  }, [tail, tailSearch, key, put]);

  const loadMore = () => {
    const { next, loading, events } = state;
    if (next === null || loading || events.length >= maxEvents) return;
    setState((before) => ({ ...before, loading: true }));
    const control = new AbortController();
    ask<List<Event>>(`/events?${search}&limit=${pageSize}&cursor=${next}`, control.signal).then(
      (page) =>
        setState((before) =>
          before.next === next
            ? { ...before, events: [...before.events, ...page.items], next: page.next, loading: false }
            : before,
        ),
      (problem: ApiProblem) => setState((before) => ({ ...before, loading: false, problem })),
    );
  };
  const setPaused = (value: boolean) => {
    paused.current = value;
    setLive((before) => ({ ...before, paused: value }));
  };
  return { ...state, live, loadMore, setPaused };
}
