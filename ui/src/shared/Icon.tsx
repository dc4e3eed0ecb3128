const paths = {
  add: "M8 3v10M3 8h10",
  arrowLeft: "M13 8H3.5M7.5 4 3.5 8l4 4",
  bell: "M4 7a4 4 0 0 1 8 0c0 3.2 1.3 4.2 1.3 4.2H2.7S4 10.2 4 7M6.7 13.5a1.5 1.5 0 0 0 2.6 0",
  check: "M3.2 8.6l3 3 6.6-7",
  chevron: "M4.5 6.5 8 10l3.5-3.5",
  close: "M4 4l8 8M12 4l-8 8",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 5v3.2l2.2 1.4",
  compare: "M2 3h5v10H2zM9 3h5v10H9z",
  copy: "M6 6h7.5v7.5H6zM10 6V2.5H2.5V10H6",
  device: "M2.5 3.5h11v7h-11zM1.5 13h13",
  drafts: "M2 9l2-6h8l2 6v4.2H2zM2 9h3.4l1 1.8h3.2l1-1.8H14",
  eye: "M1.5 8S4 3.7 8 3.7 14.5 8 14.5 8 12 12.3 8 12.3 1.5 8 1.5 8M8 9.9a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8",
  export: "M8 10V2.5M5 5.2 8 2.3l3 2.9M2.7 9.5v3.8h10.6V9.5",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  folder: "M2 4.2V12a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V5.8a1 1 0 0 0-1-1H8L6.6 3.2H3a1 1 0 0 0-1 1",
  gear: "M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4M8 1.8v1.9M8 12.3v1.9M14.2 8h-1.9M3.7 8H1.8M12.4 3.6l-1.4 1.4M5 11l-1.4 1.4M12.4 12.4 11 11M5 5 3.6 3.6",
  import: "M8 2.5V10M5 7.2 8 10l3-2.8M2.7 9.5v3.8h10.6V9.5",
  leave: "M6.5 2.7H3v10.6h3.5M10 5l3 3-3 3M13 8H6.5",
  lock: "M3.7 7.2h8.6v6.3H3.7zM5.6 7.2V5a2.4 2.4 0 0 1 4.8 0v2.2",
  merge: "M4 2.5v3c0 3.4 4 2.9 4 6.3v1.7M12 2.5v3c0 3.4-4 2.9-4 6.3",
  minus: "M3 8h10",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  move: "M2 4.2V12a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V5.8a1 1 0 0 0-1-1H8L6.6 3.2H3a1 1 0 0 0-1 1M5.5 9h5M8.7 7.2 10.5 9l-1.8 1.8",
  offline: "M2 2l12 12M4.3 6.9A5.4 5.4 0 0 1 6 5.8M1.7 4.8A9 9 0 0 1 4 3.3M8 3a9 9 0 0 1 6.3 1.8M9.8 5.8a5.4 5.4 0 0 1 1.9 1.1M6.4 9.6a2.4 2.4 0 0 1 3 .3M8 12.5h.01",
  open: "M9.5 2.5h4v4M13.3 2.7 8 8M12.5 9.5v4h-10v-10h4",
  pen: "M2.6 13.4l.7-3L10.6 3a1.2 1.2 0 0 1 1.7 0l.7.7a1.2 1.2 0 0 1 0 1.7L5.6 12.7z",
  people: "M6 7.6a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8M1.7 13.2c0-2.3 1.9-3.7 4.3-3.7s4.3 1.4 4.3 3.7M10.8 3.1a2.3 2.3 0 0 1 0 4.3M12 9.8c1.4.5 2.3 1.7 2.3 3.4",
  refresh: "M13.3 8A5.3 5.3 0 1 1 11.6 4.1M13.3 2.2v2.9h-2.9",
  restore: "M2.7 8a5.3 5.3 0 1 0 1.7-3.9M2.7 2.2v2.9h2.9",
  search: "M7.2 12a4.8 4.8 0 1 0 0-9.6 4.8 4.8 0 0 0 0 9.6M10.8 10.8l3 3",
  server: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
  tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.3 5.3h.01",
  trash: "M2.5 4.3h11M6 4.3V2.5h4v1.8M4 4.3l.6 9.2h6.8l.6-9.2",
  warning: "M8 2.2 14.3 13.3H1.7zM8 6.4v3.2M8 11.5h.01",
  window: "M2 3h12v10H2zM2 6h12",
} as const;

/** The name of a drawing in the icon set. */
export type IconName = keyof typeof paths;

/** A line icon; decoration only, so assistive technology skips it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth={name === "more" ? 2.2 : 1.5} strokeLinecap="round" strokeLinejoin="round">
      <path d={paths[name]} />
    </svg>
  );
}

/** The product's mark: the hooked iron of a holdfast, driven through the bench. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 24 24" fill="none" strokeLinecap="round" strokeLinejoin="round">
      <path d="M2.5 17h19" stroke="var(--brass)" strokeWidth="3" />
      <path d="M15.5 21.5V9.2c0-3.2-2-5.2-5-5.2C7 4 4.8 6.6 4.6 10.6" stroke="var(--pine)" strokeWidth="3.2" />
      <path d="M2.9 12.3h3.8" stroke="var(--pine)" strokeWidth="2.6" />
    </svg>
  );
}
