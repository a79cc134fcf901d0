/** Texts whose contrast to their ground is below 4.5, as WCAG AA asks. Runs in the page. */
export function lowContrast(): string[] {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  const rgba = (color: string): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r = 0, g = 0, b = 0]: number[]): number => {
    const part = (value: number) =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const found = new Set<string>();
  for (const node of document.querySelectorAll<HTMLElement>("main *, header *")) {
    const own = [...node.childNodes].some(
      (child) => child.nodeType === 3 && child.textContent!.trim() !== "",
    );
    if (!own || !node.checkVisibility()) continue;
    let ground: HTMLElement | null = node;
    while (ground && rgba(getComputedStyle(ground).backgroundColor)[3] !== 255) ground = ground.parentElement;
    const back = rgba(ground ? getComputedStyle(ground).backgroundColor : "#fff");
    const [a, b] = [luminance(rgba(getComputedStyle(node).color)), luminance(back)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.add(`${node.className || node.tagName} ${contrast.toFixed(2)}`);
  }
  return [...found];
}

/** Controls without a name that a screen reader could say. Runs in the page. */
export function nameless(): string[] {
  return [...document.querySelectorAll<HTMLElement>("button, a[href], input, select, textarea, [role=img]")]
    .filter((node) => {
      const label = node.getAttribute("aria-label") ?? node.textContent ?? "";
      return label.trim() === "" && !(node as HTMLInputElement).labels?.length;
    })
    .map((node) => node.outerHTML.slice(0, 120));
}
