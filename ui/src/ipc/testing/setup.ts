import { afterEach } from "vitest";
import { cleanup } from "@testing-library/react";

// happy-dom has no media queries that match and no observers that fire.
window.matchMedia = (query: string) =>
  ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList;

afterEach(cleanup);
