import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { App } from "../app/App";
import { useApp } from "../app/appStore";
import type { DocumentList } from "../ipc";
import { channelOf, FakeHost } from "../ipc/testing/fakeHost";
import { app, ben, card, holder, team } from "../ipc/testing/samples";
import { useLibrary } from "./libraryStore";

class NoObserver {
  observe = () => undefined;
  disconnect = () => undefined;
}

let host: FakeHost;
let tell: (list: DocumentList) => void = () => undefined;

beforeEach(() => {
  Object.assign(window, { IntersectionObserver: NoObserver });
  useApp.setState({ app: null, failure: null });
  useLibrary.setState({ place: null, list: { state: "loading" }, search: "", filter: "all", dialog: null, jobs: [] });
  host = new FakeHost().install();
  host.on("app_state", () => app);
  host.on("watch_documents", (payload: { channel: { onmessage: (list: DocumentList) => void } }) => {
    tell = channelOf(payload);
    tell({ state: "ready", cards: [card("Order flow"), card("Rack layout", { holder: holder(ben) })], live: true });
    return null;
  });
});

describe("the library window", () => {
  it("lists the device's canvases, with who holds which, live", async () => {
    render(<App />);
    await screen.findAllByTestId("card");
    expect(screen.getByTestId("card-lock").textContent).toBe("Ben Okafor · ben-macbook");
    tell({ state: "ready", cards: [card("Rack layout")], live: true });
    await waitFor(() => expect(screen.queryByTestId("card-lock")).toBeNull());
  });

  it("a new canvas is created with the name given, and opened", async () => {
    host.on("create_document", ({ name }: { name: string }) => ({ ...card(name).document, id: "made" }));
    render(<App />);
    fireEvent.click(await screen.findByTestId("new-canvas"));
    const input = screen.getByTestId("name-input");
    fireEvent.change(input, { target: { value: "  " } });
    fireEvent.click(screen.getByTestId("confirm"));
    expect(host.of("create_document")).toEqual([]);
    fireEvent.change(input, { target: { value: " Sketch " } });
    fireEvent.click(screen.getByTestId("confirm"));
    await waitFor(() => expect(host.of("open_document")).toEqual([{ server: "device", id: "made", mode: "edit" }]));
    expect(host.of("create_document")).toMatchObject([{ name: "Sketch", scope: { kind: "personal" } }]);
  });

  it("d10 a deletion that a lock stops says who holds it, and an owner may go ahead", async () => {
    const forced: boolean[] = [];
    host.on("delete_document", ({ force }: { force: boolean }) => {
      forced.push(force);
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- the host rejects with plain data
      if (!force) throw { code: "lock_held", detail: "Locked", holder: holder(ben), retry_after_secs: null };
      return null;
    });
    render(<App />);
    const [first] = await screen.findAllByLabelText(/^Open Order/);
    fireEvent.keyDown(first!, { key: "Delete" });
    fireEvent.click(screen.getByTestId("confirm"));
    expect((await screen.findByTestId("refusal")).textContent).toContain("Ben Okafor is editing this on ben-macbook");
    fireEvent.click(screen.getByTestId("confirm"));
    await waitFor(() => expect(screen.queryByTestId("confirm")).toBeNull());
    expect(forced).toEqual([false, true]);
  });

  it("files dropped on the window are imported into what it shows", async () => {
    render(<App />);
    await screen.findAllByTestId("card");
    host.emit("tauri://drag-drop", { paths: ["/tmp/a.excalidraw"], position: { x: 0, y: 0 } });
    await waitFor(() => expect(host.of("import_files")).toMatchObject([{ server: "device", scope: { kind: "personal" }, paths: ["/tmp/a.excalidraw"] }]));
  });

  it("a03 a viewer is offered nothing that would change the workspace", async () => {
    render(<App />);
    fireEvent.click(await screen.findByTestId("sidebar-workspace-Customer research"));
    await screen.findAllByTestId("card");
    expect(screen.queryByTestId("new-canvas")).toBeNull();
    expect(screen.queryByTestId("import")).toBeNull();
  });

  it("a server without a sign-in says why and offers to sign in", async () => {
    host.on("app_state", () => ({ ...app, servers: [{ ...team, connection: { state: "signed_out", detail: "Revoked elsewhere." }, workspaces: [] }] }));
    render(<App />);
    expect((await screen.findByTestId("empty")).textContent).toContain("Revoked elsewhere.");
  });
});
