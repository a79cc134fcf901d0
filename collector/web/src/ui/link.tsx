import type { ComponentChildren } from "preact";
import { goTo } from "../state/address.ts";

interface LinkProps {
  readonly href: string;
  readonly class?: string;
  readonly title?: string;
  readonly current?: boolean;
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** A link within the page: no reload, but a real address that opens in a new tab too. */
export const Link = ({ href, class: name, title, current, label, children }: LinkProps) => (
  <a
    href={href}
    class={name}
    title={title}
    aria-current={current ? "page" : undefined}
    aria-label={label}
    onClick={(event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      goTo(href);
    }}
  >
    {children}
  </a>
);
