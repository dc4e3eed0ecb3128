import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeHost } from "../ipc/testing/fakeHost";
import { serverUrl, SignInDialog } from "./SignInDialog";

describe("signing in", () => {
  it("takes an address as people write it", () => {
    expect(serverUrl(" holdfast.example.com/ ")).toBe("https://holdfast.example.com");
    expect(serverUrl("http://127.0.0.1:7420")).toBe("http://127.0.0.1:7420");
    expect(serverUrl("not a server")).toBeNull();
    expect(serverUrl("")).toBeNull();
  });

  it("a04 a refusal is shown with when to try again, and the password is forgotten", async () => {
    new FakeHost().install().on("sign_in", () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- the host rejects with plain data
      throw { code: "rate_limited", detail: "Too many wrong sign-ins.", holder: null, retry_after_secs: 40 };
    });
    render(<SignInDialog url={null} onClose={() => undefined} onSignedIn={() => undefined} />);
    const write = (id: string, value: string) => fireEvent.change(screen.getByTestId(id), { target: { value } });
    write("sign-in-url", "holdfast.example.com");
    write("sign-in-email", "ada@example.com");
    write("sign-in-password", "wrong");
    fireEvent.click(screen.getByTestId("sign-in-submit"));
    expect((await screen.findByTestId("sign-in-error")).textContent).toBe("Too many wrong sign-ins. Try again in 40 s.");
    expect(screen.getByTestId("sign-in-password")).toHaveProperty("value", "");
  });
});
